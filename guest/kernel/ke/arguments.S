/* SPDX-License-Identifier: MIT
 * NtTestArguments0-14: services that show which arguments have arrived. */

#include "asm.h"

/*
 * Microsoft convention: arguments 1-4 in RCX, RDX, R8, R9 with a home at [RSP+8], the others
 * behind it. The value is the sum of (argument k) * k, all of it in 32 bits: one that is missing, or
 * in the wrong place, shows.
 */
        .text
        .balign 16
SumArguments:                           # EAX = how many
        movq    %rcx, 0x08(%rsp)
        movq    %rdx, 0x10(%rsp)
        movq    %r8, 0x18(%rsp)
        movq    %r9, 0x20(%rsp)
        movl    %eax, %ecx
        xorl    %eax, %eax
1:      movl    (%rsp, %rcx, 8), %edx
        imull   %ecx, %edx
        addl    %edx, %eax
        decl    %ecx
        jnz     1b
        retq

        .macro  TEST_ARGUMENTS on_stack
FUNCTION(NtTestArguments\on_stack)
        movl    $(4 + \on_stack), %eax
        jmp     SumArguments
END_FUNCTION(NtTestArguments\on_stack)
        .endm

        .irp    on_stack, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
        TEST_ARGUMENTS \on_stack
        .endr

        .section .note.GNU-stack, "", @progbits
