/* SPDX-License-Identifier: MIT
 * Entry point of every thread. */

/*
 * Entered from the kernel: RSP 8 below a multiple of 16, GS base = TEB, RCX = start routine (0 in
 * the first thread of a process), RDX = its argument, other registers zero. Does not return:
 *
 *   _Noreturn NTAPI void RtlStartThread(thread_routine *, void *);
 */
        .text
        .globl  RtlUserThreadStart
        .type   RtlUserThreadStart, @function
RtlUserThreadStart:
        subq    $8, %rsp
        callq   RtlStartThread
        ud2
        .size   RtlUserThreadStart, . - RtlUserThreadStart

        .section .note.GNU-stack, "", @progbits
