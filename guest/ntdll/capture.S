/* SPDX-License-Identifier: MIT
 * RtlCaptureContext: the caller's registers as a CONTEXT. */

#include <nt/context.h>

/*
 * void RtlCaptureContext(struct context *), SysV. The context continues where the call returns,
 * with the stack as it is then.
 */
        .macro  STORE register, field
        movq    %\register, CONTEXT_\field(%rdi)
        .endm

        .macro  STORE_SEGMENT register, field
        movw    %\register, CONTEXT_\field(%rdi)
        .endm

        .text
        .globl  RtlCaptureContext
        .type   RtlCaptureContext, @function
RtlCaptureContext:
        STORE   rax, Rax
        STORE   rcx, Rcx
        STORE   rdx, Rdx
        STORE   rbx, Rbx
        STORE   rbp, Rbp
        STORE   rsi, Rsi
        STORE   rdi, Rdi
        STORE   r8, R8
        STORE   r9, R9
        STORE   r10, R10
        STORE   r11, R11
        STORE   r12, R12
        STORE   r13, R13
        STORE   r14, R14
        STORE   r15, R15
        STORE_SEGMENT cs, SegCs
        STORE_SEGMENT ds, SegDs
        STORE_SEGMENT es, SegEs
        STORE_SEGMENT fs, SegFs
        STORE_SEGMENT gs, SegGs
        STORE_SEGMENT ss, SegSs
        fxsave64 CONTEXT_FltSave(%rdi)
        stmxcsr CONTEXT_MxCsr(%rdi)
        movl    $CONTEXT_ALL_REGISTERS, CONTEXT_ContextFlags(%rdi)
        pushfq
        popq    %rax
        movl    %eax, CONTEXT_EFlags(%rdi)
        movq    (%rsp), %rax            # return address
        STORE   rax, Rip
        leaq    8(%rsp), %rax
        STORE   rax, Rsp
        retq
        .size   RtlCaptureContext, . - RtlCaptureContext

        .section .note.GNU-stack, "", @progbits
