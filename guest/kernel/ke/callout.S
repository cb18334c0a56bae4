/* SPDX-License-Identifier: MIT
 * From one kernel stack to another and back. */

#include "asm.h"

/*
 * void KiSwitchKernelStackAndCallout(kernel_callout *callout, void *parameter, void *stack);
 *
 * RBP leads from the new stack to the old one, for the callout's return as for the stack walk of
 * the bug check. `stack` is the top, a multiple of 16.
 */
        .text
        .balign 16
FUNCTION(KiSwitchKernelStackAndCallout)
        pushq   %rbp
        movq    %rsp, %rbp
        movq    %rdi, %rax
        movq    %rsi, %rdi
        movq    %rdx, %rsp
        callq   *%rax
        movq    %rbp, %rsp
        popq    %rbp
        retq
END_FUNCTION(KiSwitchKernelStackAndCallout)

        .section .note.GNU-stack, "", @progbits
