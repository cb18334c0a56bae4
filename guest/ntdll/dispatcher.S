/* SPDX-License-Identifier: MIT
 * KiUserExceptionDispatcher: where the kernel resumes a thread that had an exception. */

#include <nt/context.h>
#include <nt/image.h>

/*
 * Entered from the kernel, not called. RSP -> CONTEXT, with the EXCEPTION_RECORD above it; the
 * whole layout is in nt/context.h. RSP is a multiple of 16. Does not return:
 *
 *   _Noreturn void RtlDispatchException(struct exception_record *, struct context *);
 */
        .text
        .globl  KiUserExceptionDispatcher
        .type   KiUserExceptionDispatcher, @function
KiUserExceptionDispatcher:
        leaq    EXCEPTION_STACK_RECORD(%rsp), %rdi
        movq    %rsp, %rsi
        xorl    %ebp, %ebp
        callq   RtlDispatchException
        ud2
        .size   KiUserExceptionDispatcher, . - KiUserExceptionDispatcher

        .section .note.ringscope, "a", @note
        .balign 4
        .long   NT_NOTE_NAME_SIZE, 8, NT_NOTE_EXCEPTION_DISPATCHER
        .asciz  NT_NOTE_NAME
        .balign 4
        .quad   KiUserExceptionDispatcher

        .section .note.GNU-stack, "", @progbits
