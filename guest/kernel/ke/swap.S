/* SPDX-License-Identifier: MIT
 * From one kernel stack to another. */

#include "asm.h"
#include "frame.h"

/*
 * void KiSwapContext(struct kthread *from, struct kthread *to), SysV; IF = 0. Returns when `from`
 * is switched to again. A stopped thread's stack, from KTHREAD.KernelStack up:
 *
 *   R15 R14 R13 R12 RBX RBP, the return address
 *
 * A new thread has zeros there and KiThreadStartup as the return address.
 */
        .text
        .balign 16
FUNCTION(KiSwapContext)
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        movq    %rsp, THREAD_KernelStack(%rdi)
        movq    THREAD_KernelStack(%rsi), %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        retq
END_FUNCTION(KiSwapContext)

        .section .entry.text, "ax", @progbits
/* At DISPATCH_LEVEL with IF = 0, on an empty stack below the thread's first trap frame. */
FUNCTION(KiThreadStartup)
        sti                             # before CR8 is written: see interrupt() in trap.c
        callq   KiStartThread           # to PASSIVE_LEVEL
        cli
        movq    %gs:PCR_RspBase, %rsp
        subq    $KTRAP_FRAME_SIZE, %rsp
        leaq    KTRAP_FRAME_RBP_BIAS(%rsp), %rbp
        jmp     KiExceptionExit
END_FUNCTION(KiThreadStartup)

        .section .note.GNU-stack, "", @progbits
