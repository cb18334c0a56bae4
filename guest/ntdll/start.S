/* SPDX-License-Identifier: MIT
 * Entry point of every program. */

/*
 * Entered from the kernel: RSP 8 below a multiple of 16, GS base = TEB, other registers zero.
 * Does not return.
 */
        .text
        .globl  RtlUserThreadStart
        .type   RtlUserThreadStart, @function
RtlUserThreadStart:
        subq    $8, %rsp
        callq   RtlStartProgram
        ud2
        .size   RtlUserThreadStart, . - RtlUserThreadStart

        .section .note.GNU-stack, "", @progbits
