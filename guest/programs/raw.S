/* SPDX-License-Identifier: MIT
 * System calls without ntdll; see raw.h. */

#include "raw.h"

#include <ringscope/layout.h>

        .text
/* NTSTATUS call_on_stack(stub, stack, a1, a2, a3, a4), SysV; the stub has Microsoft's convention */
        .globl  call_on_stack
        .type   call_on_stack, @function
call_on_stack:
        pushq   %rbx
        movq    %rsp, %rbx
        movq    %rsi, %rsp
        xchgq   %rcx, %rdx              # a1 -> RCX, a2 -> RDX; a3, a4 are in place
        callq   *%rdi
        movq    %rbx, %rsp
        popq    %rbx
        retq
        .size   call_on_stack, . - call_on_stack

/* uint64_t syscall_with_stack(number, stack, a1, a2, a3, a4), SysV */
        .globl  syscall_with_stack
        .type   syscall_with_stack, @function
syscall_with_stack:
        pushq   %rbx
        movq    %rsp, %rbx
        movq    %rdi, %rax
        movq    %rsi, %rsp
        movq    %rdx, %r10
        movq    %rcx, %rdx
        syscall
        movq    %rbx, %rsp
        popq    %rbx
        retq
        .size   syscall_with_stack, . - syscall_with_stack

/* void enter_compatibility_mode(const void *code), SysV */
        .globl  enter_compatibility_mode, enter_compatibility_mode_resume
        .type   enter_compatibility_mode, @function
enter_compatibility_mode:
        pushq   $(KGDT64_R3_CMCODE | RPL_MASK)
        pushq   %rdi
        lretq
enter_compatibility_mode_resume:
        retq
        .size   enter_compatibility_mode, . - enter_compatibility_mode

/*
 * void enter_with_registers(struct raw_registers *, int by), SysV.
 * On the stack while all registers are in use: 0(RSP) = the structure.
 */
        .macro  GENERAL operation
        \operation 0x08, rcx
        \operation 0x10, rdx
        \operation 0x18, rbx
        \operation 0x28, rbp
        \operation 0x30, rsi
        \operation 0x40, r8
        \operation 0x48, r9
        \operation 0x50, r10
        \operation 0x58, r11
        \operation 0x60, r12
        \operation 0x68, r13
        \operation 0x70, r14
        \operation 0x78, r15
        .endm

        .macro  LOAD offset, register
        movq    \offset(%rdi), %\register
        .endm

        .macro  STORE offset, register
        movq    %\register, \offset(%rdi)
        .endm

        .macro  VECTOR operation
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        \operation \n
        .endr
        .endm

        .macro  LOAD_XMM n
        movups  RAW_XMM + 16 * \n(%rdi), %xmm\n
        .endm

        .macro  STORE_XMM n
        movups  %xmm\n, RAW_XMM + 16 * \n(%rdi)
        .endm

        # Everything is loaded, RDI last; afterwards RFLAGS, RDI and RAX are saved first.
        .macro  ENTER_BY instruction:vararg
        VECTOR  LOAD_XMM
        GENERAL LOAD
        pushq   0x80(%rdi)
        movq    (%rdi), %rax
        movq    0x38(%rdi), %rdi
        popfq
        \instruction
9:      pushfq
        cld
        pushq   %rdi
        movq    16(%rsp), %rdi
        movq    %rax, (%rdi)
        leaq    9b(%rip), %rax
        jmp     4f
        .endm

        .globl  enter_with_registers
        .type   enter_with_registers, @function
enter_with_registers:
        .irp    register, rbx, rbp, r12, r13, r14, r15, rdi
        pushq   %\register
        .endr
        cmpl    $RAW_INT2E, %esi
        je      2f
        ja      3f
        ENTER_BY syscall
2:      ENTER_BY int $0x2e
3:      ENTER_BY ud2

4:      movq    %rax, 0x88(%rdi)        # RIP behind the instruction
        GENERAL STORE
        VECTOR  STORE_XMM
        popq    %rax
        movq    %rax, 0x38(%rdi)
        popq    %rax
        movq    %rax, 0x80(%rdi)
        movq    %rsp, 0x20(%rdi)
        pushq   $0x2                    # no flag of the caller's is set in what follows
        popfq
        popq    %rdi
        .irp    register, r15, r14, r13, r12, rbp, rbx
        popq    %\register
        .endr
        retq
        .size   enter_with_registers, . - enter_with_registers

        .section .note.GNU-stack, "", @progbits
