/* SPDX-License-Identifier: MIT
 * System calls without ntdll: chosen stacks, chosen registers. */
#ifndef RAW_H
#define RAW_H

#define RAW_REGISTERS_SIZE 0x190
#define RAW_XMM 0x90

/* By which instruction. */
#define RAW_SYSCALL 0
#define RAW_INT2E 1
#define RAW_UD2 2

#ifndef __ASSEMBLER__

#include <nt/types.h>

/* Calls a stub with RSP = stack - 8 at its first instruction (the return address is below). */
NTSTATUS call_on_stack(void *stub, void *stack, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4);

/* SYSCALL with EAX = number and RSP = stack, which need not be memory. */
uint64_t syscall_with_stack(uint64_t number, uint64_t stack, uint64_t a1, uint64_t a2, uint64_t a3,
                            uint64_t a4);

/* Goes on at `code`, below 4 GiB, in compatibility mode. An exception handler has to resume at
 * enter_compatibility_mode_resume, which returns. */
void enter_compatibility_mode(const void *code);
extern const char enter_compatibility_mode_resume[];

struct raw_registers {
    uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi;
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t rflags, rip; /* after: RFLAGS seen; RIP behind the instruction */
    uint8_t xmm[16][16];
};

_Static_assert(sizeof(struct raw_registers) == RAW_REGISTERS_SIZE, "struct raw_registers");
_Static_assert(offsetof(struct raw_registers, xmm) == RAW_XMM, "struct raw_registers");

/* Loads all registers but RSP, executes one instruction, and stores all of them. */
void enter_with_registers(struct raw_registers *registers, int by);

#endif
#endif
