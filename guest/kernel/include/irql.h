/* SPDX-License-Identifier: MIT
 * Interrupt request levels: what may interrupt this processor, in CR8. */
#ifndef KERNEL_IRQL_H
#define KERNEL_IRQL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * CR8 is the task priority of the local APIC: a vector is held off while its upper four bits are
 * not above it (SDM Vol. 3A, "Task Priority in IA-32e Mode"). The levels are those of 64-bit NT.
 */
#define PASSIVE_LEVEL 0
#define APC_LEVEL 1
#define DISPATCH_LEVEL 2 /* no thread switch but the one that the running code asks for */
#define CLOCK_LEVEL 13
#define HIGH_LEVEL 15

#define IRQL_OF_VECTOR(vector) ((uint8_t)((vector) >> 4))

static inline uint8_t KeGetCurrentIrql(void)
{
    uint64_t irql;

    __asm__ volatile("movq %%cr8, %0" : "=r"(irql));
    return (uint8_t)irql;
}

/*
 * With IF = 1 on AMD's processors. QEMU's emulation of SVM (7.2 at least) ends with a failed
 * assertion when CR8 is written while KVM waits for the guest to let an interrupt in, which is when
 * one has come that IF alone holds off: at any moment, from another processor or a device.
 */
static inline void KiWriteIrql(uint8_t irql)
{
    __asm__ volatile("movq %0, %%cr8" : : "r"((uint64_t)irql) : "memory");
}

/* With IF = 0: lets those interrupts in first, at the level before and at the new one. */
static inline void KiWriteIrqlLettingIn(uint8_t irql)
{
    __asm__ volatile("sti\n\tnop\n\tmovq %0, %%cr8\n\tcli" : : "r"((uint64_t)irql) : "memory");
}

static inline uint8_t KeRaiseIrql(uint8_t irql)
{
    uint8_t old = KeGetCurrentIrql();

    KiWriteIrql(irql);
    return old;
}

/* The end of an interrupt, with IF = 0 before and behind it: the local APIC's and IRQL, which falls
 * to `irql`. */
void KiEndOfInterruptAt(uint8_t irql);

/* Runs what was held off: deferred procedure calls here, interrupts by the processor itself. */
void KeLowerIrql(uint8_t irql);

/* A procedure that an interrupt leaves for later: it runs at DISPATCH_LEVEL. */
struct kdpc {
    struct kdpc *Next;
    void (*Routine)(void *context);
    void *Context;
    bool Queued;
};

/* Below DISPATCH_LEVEL it runs at once, by an interrupt of vector 2f to this processor. */
void KeInsertQueueDpc(struct kdpc *dpc);
/* At DISPATCH_LEVEL. */
void KiRetireDpcList(void);

#endif
