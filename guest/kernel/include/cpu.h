/* SPDX-License-Identifier: MIT
 * Privileged instructions and port I/O. */
#ifndef KERNEL_CPU_H
#define KERNEL_CPU_H

#include "frame.h"

#include <ringscope/x86/cpu.h>

static inline void KiWriteMsr(uint32_t index, uint64_t value)
{
    __asm__ volatile("wrmsr"
                     :
                     : "c"(index), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
                     : "memory");
}

static inline uint64_t KiReadMsr(uint32_t index)
{
    uint32_t low, high;

    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(index));
    return (uint64_t)high << 32 | low;
}

static inline uint64_t KiReadTsc(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

static inline uint64_t KiReadCr2(void)
{
    uint64_t value;

    __asm__ volatile("movq %%cr2, %0" : "=r"(value));
    return value;
}

static inline uint64_t KiReadCr3(void)
{
    uint64_t value;

    __asm__ volatile("movq %%cr3, %0" : "=r"(value));
    return value;
}

static inline void KiWriteCr3(uint64_t value)
{
    __asm__ volatile("movq %0, %%cr3" : : "r"(value) : "memory");
}

static inline uint64_t KiReadCr4(void)
{
    uint64_t value;

    __asm__ volatile("movq %%cr4, %0" : "=r"(value));
    return value;
}

static inline void KiWriteCr4(uint64_t value)
{
    __asm__ volatile("movq %0, %%cr4" : : "r"(value) : "memory");
}

static inline uint64_t KiReadDr6(void)
{
    uint64_t value;

    __asm__ volatile("movq %%dr6, %0" : "=r"(value));
    return value;
}

static inline void KiWriteDr6(uint64_t value)
{
    __asm__ volatile("movq %0, %%dr6" : : "r"(value));
}

static inline void KiFxSave(void *image)
{
    __asm__ volatile("fxsave64 (%0)" : : "r"(image) : "memory");
}

static inline void KiFxRestore(const void *image)
{
    __asm__ volatile("fxrstor64 (%0)" : : "r"(image) : "memory");
}

/* On this processor alone. INVLPG drops what is kept for the kernel's PCID; that of ring 3 is
 * dropped on the way there. */
static inline void KiInvalidatePage(uint64_t address)
{
    __asm__ volatile("invlpg (%0)\n\torb %1, %%gs:%c2"
                     :
                     : "r"(address), "i"(SHADOW_FLUSH_PENDING), "i"(KPCR_SHADOW_FLAGS)
                     : "memory", "cc");
}

/* A store is seen before a later load is done: SDM Vol. 3A, "Memory Ordering". */
static inline void KiFence(void)
{
    __asm__ volatile("mfence" : : : "memory");
}

static inline void KiPause(void)
{
    __asm__ volatile("pause" : : : "memory");
}

static inline void KiDisableInterrupts(void)
{
    __asm__ volatile("cli" : : : "memory");
}

static inline void KiEnableInterrupts(void)
{
    __asm__ volatile("sti" : : : "memory");
}

static inline uint64_t KiSaveAndDisableInterrupts(void)
{
    uint64_t flags;

    __asm__ volatile("pushfq\n\tpopq %0\n\tcli" : "=r"(flags) : : "memory");
    return flags;
}

static inline void KiRestoreInterrupts(uint64_t flags)
{
    if (flags & RFLAGS_IF)
        KiEnableInterrupts();
}

/* STI holds interrupts off for one instruction, so none can come between the two; trap.c has what
 * is done where one does. */
static inline void KiEnableAndHalt(void)
{
    __asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
}

static inline void KiOut8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void KiOut16(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void KiOut32(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t KiIn8(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void KiCpuid(uint32_t leaf, uint32_t *eax, uint32_t *ebx, uint32_t *ecx,
                           uint32_t *edx)
{
    __asm__ volatile("cpuid" : "=a"(*eax), "=b"(*ebx), "=c"(*ecx), "=d"(*edx) : "0"(leaf), "2"(0));
}

/* a * b / c with a 128-bit product; the caller knows that the quotient fits. */
static inline uint64_t KiMultiplyDivide(uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t quotient, high;

    __asm__("mulq %3\n\tdivq %4" : "=&a"(quotient), "=&d"(high) : "0"(a), "rm"(b), "rm"(c) : "cc");
    return quotient;
}

#endif
