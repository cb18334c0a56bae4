/* SPDX-License-Identifier: MIT
 * Services that replace the caller's whole context: they leave by IRETQ, not through
 * KiSystemServiceExit. */

#include "asm.h"
#include "frame.h"

/*
 * Called by KiSystemServiceCall with the arguments of the service in RCX, RDX, R8 (Microsoft
 * convention). The work is done in C, with the SysV convention and one more argument:
 *
 *   NTSTATUS function(arg1, arg2, arg3, struct kexception_frame *);
 *
 * Success: R12-R15 are loaded from the exception frame, the rest from the thread's trap frame.
 * Failure: an ordinary return to KiSystemServiceExit. RDI and RSI are restored there.
 */
        .macro  CONTEXT_SERVICE name, function
FUNCTION(\name)
        pushq   %rbp
        movq    %rsp, %rbp
        subq    $KEXCEPTION_FRAME_SIZE, %rsp
        movq    %r12, EXCEPTION_R12(%rsp)
        movq    %r13, EXCEPTION_R13(%rsp)
        movq    %r14, EXCEPTION_R14(%rsp)
        movq    %r15, EXCEPTION_R15(%rsp)
        movq    %rcx, %rdi
        movq    %rdx, %rsi
        movq    %r8, %rdx
        movq    %rsp, %rcx
        callq   \function
        testl   %eax, %eax
        jz      KiContextExit
        leaveq
        retq
END_FUNCTION(\name)
        .endm

        .section .entry.text, "ax", @progbits
        CONTEXT_SERVICE NtContinue, KiContinue
        CONTEXT_SERVICE NtContinueEx, KiContinueEx
        CONTEXT_SERVICE NtRaiseException, KiRaiseException

FUNCTION(KiContextExit)
        movq    EXCEPTION_R12(%rsp), %r12
        movq    EXCEPTION_R13(%rsp), %r13
        movq    EXCEPTION_R14(%rsp), %r14
        movq    EXCEPTION_R15(%rsp), %r15
        movq    %gs:PCR_CurrentThread, %rax
        movq    THREAD_TrapFrame(%rax), %rsp
        cli
        jmp     KiExceptionExit
END_FUNCTION(KiContextExit)

/*
 * Services that may wait, or that look at the caller's own context. R12-R15 are put where other
 * threads find them; the rest of the service is in C, with the same convention.
 */
        .macro  WAIT_SERVICE name, function
FUNCTION(\name)
        movq    %gs:PCR_CurrentThread, %rax
        STORE_NON_VOLATILE(%rax)
        jmp     \function
END_FUNCTION(\name)
        .endm

        WAIT_SERVICE NtDelayExecution, KiDelayExecution
        WAIT_SERVICE NtGetContextThread, KiGetContextThread
        WAIT_SERVICE NtReadFile, KiReadFile
        WAIT_SERVICE NtSetContextThread, KiSetContextThread
        WAIT_SERVICE NtSignalAndWaitForSingleObject, KiSignalAndWaitForSingleObject
        WAIT_SERVICE NtSuspendThread, KiSuspendThread
        WAIT_SERVICE NtUserGetMessage, KiUserGetMessage
        WAIT_SERVICE NtUserWaitMessage, KiUserWaitMessage
        WAIT_SERVICE NtWaitForMultipleObjects, KiWaitForMultipleObjects
        WAIT_SERVICE NtWaitForSingleObject, KiWaitForSingleObject
        WAIT_SERVICE NtYieldExecution, KiYieldExecution

        .section .note.GNU-stack, "", @progbits
