/* SPDX-License-Identifier: MIT
 * KiUserApcDispatcher: where the kernel resumes a thread that has a procedure to call. */

#include <nt/context.h>
#include <nt/image.h>

/*
 * Entered from the kernel, not called. RSP -> CONTEXT, a multiple of 16: P1Home to P3Home are the
 * arguments, P4Home is the procedure. Does not return:
 *
 *   _Noreturn void RtlDispatchApc(struct context *);
 */
        .text
        .globl  KiUserApcDispatcher
        .type   KiUserApcDispatcher, @function
KiUserApcDispatcher:
        movq    %rsp, %rdi
        xorl    %ebp, %ebp
        callq   RtlDispatchApc
        ud2
        .size   KiUserApcDispatcher, . - KiUserApcDispatcher

        .section .note.ringscope, "a", @note
        .balign 4
        .long   NT_NOTE_NAME_SIZE, 8, NT_NOTE_APC_DISPATCHER
        .asciz  NT_NOTE_NAME
        .balign 4
        .quad   KiUserApcDispatcher

        .section .note.GNU-stack, "", @progbits
