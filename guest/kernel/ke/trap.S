/* SPDX-License-Identifier: MIT
 * Exception and interrupt entry: one stub for each vector, one common path, one IRETQ. */

#include "asm.h"
#include "frame.h"

#include <ringscope/layout.h>
#include <ringscope/x86/msr.h>
#include <ringscope/x86/vectors.h>

/*
 * The processor calls a stub through the IDT (interrupt gates: IF = 0) with
 *
 *   RSP+20 SS   +18 RSP   +10 RFLAGS   +08 CS   +00 RIP     and below it, for some, an error code
 *
 * A stub completes the top of a KTRAP_FRAME (error code, RBP), puts the vector into EBP and
 * jumps to the common path, which saves the rest and calls
 *
 *   NTSTATUS KiTrap(struct ktrap_frame *, unsigned vector);
 *
 * and, unless that returns STATUS_SUCCESS,
 *
 *   void KiDispatchTrap(frame, struct kexception_frame *, vector, status);
 *
 * RBX keeps the vector; interrupts stay off until IRETQ.
 */
        .macro  STUB name, vector, error_code, ist
        .ifnc   \name, KiSystemService  # in syscall.S
FUNCTION(\name)
        .if     \error_code == 0
        pushq   $0
        .endif
        pushq   %rbp
        movl    $\vector, %ebp
        .if     \ist == 0
        jmp     KiExceptionEntry
        .elseif \vector == 1
        jmp     KiDebugEntry
        .else
        jmp     KiIstEntry
        .endif
END_FUNCTION(\name)
        .endif
        .endm

        .macro  SAVE_VOLATILE
        subq    $TRAP_Rbp, %rsp
        movq    %rax, TRAP_Rax(%rsp)
        movq    %rcx, TRAP_Rcx(%rsp)
        movq    %rdx, TRAP_Rdx(%rsp)
        movq    %r8, TRAP_R8(%rsp)
        movq    %r9, TRAP_R9(%rsp)
        movq    %r10, TRAP_R10(%rsp)
        movq    %r11, TRAP_R11(%rsp)
        movq    %rbx, TRAP_Rbx(%rsp)
        movq    %rdi, TRAP_Rdi(%rsp)
        movq    %rsi, TRAP_Rsi(%rsp)
        movl    %ebp, %ebx
        movl    %ebp, %esi              # KiTrap(RDI = frame, ESI = vector)
        movq    %rsp, %rdi
        leaq    KTRAP_FRAME_RBP_BIAS(%rsp), %rbp
        movb    $TRAP_EXCEPTION, TRAP_ExceptionActive(%rsp)
        cld
        .endm

        .section .entry.text, "ax", @progbits
        .balign 64

#define X(mnemonic, vector, class, error_code, dpl, ist, handler, title)                           \
        STUB    handler, vector, error_code, ist;
RS_VECTORS(X)
#undef X

/* CS.RPL tells whether GS is still the user's. At 0(RSP) the saved RBP. */
FUNCTION(KiExceptionEntry)
        testb   $RPL_MASK, TRAP_SegCs - TRAP_Rbp(%rsp)
        jz      KiExceptionEntrySwapped
        swapgs
LABEL(KiExceptionEntrySwapped)
        SAVE_VOLATILE
        cmpb    $0, KiMultiprocessor(%rip)
        jne     KiExceptionStore
KiExceptionStored:
        callq   KiTrap
        testl   %eax, %eax
        jnz     KiExceptionDispatch

        # RSP = frame. Full-context return, to either ring.
LABEL(KiExceptionExit)
        testb   $RPL_MASK, TRAP_SegCs(%rsp)
        jz      KiExceptionRestore
        cmpb    $0, %gs:PCR_ExitWork
        jne     KiExceptionExitWork
KiExceptionUnlocked:
        cmpb    $0, KiKvaShadow(%rip)
        jne     KiKernelExit
LABEL(KiExceptionExitSwap)
        swapgs
LABEL(KiExceptionRestore)
        movq    TRAP_Rax(%rsp), %rax
        movq    TRAP_Rcx(%rsp), %rcx
        movq    TRAP_Rdx(%rsp), %rdx
        movq    TRAP_R8(%rsp), %r8
        movq    TRAP_R9(%rsp), %r9
        movq    TRAP_R10(%rsp), %r10
        movq    TRAP_R11(%rsp), %r11
        movq    TRAP_Rbx(%rsp), %rbx
        movq    TRAP_Rdi(%rsp), %rdi
        movq    TRAP_Rsi(%rsp), %rsi
        movq    TRAP_Rbp(%rsp), %rbp
        addq    $TRAP_Rip, %rsp
        iretq
END_FUNCTION(KiExceptionEntry)

/* KiTrap may wait for the kernel lock, and a thread that waits there can be stopped. */
KiExceptionStore:
        testb   $RPL_MASK, TRAP_SegCs(%rsp)
        jz      KiExceptionStored
        movq    %gs:PCR_CurrentThread, %rax
        STORE_NON_VOLATILE(%rax)
        jmp     KiExceptionStored

/* EAX = status, EBX = vector, RSP = frame: the C side needs the remaining registers too. */
FUNCTION(KiExceptionDispatch)
        movq    %rsp, %rdi
        subq    $KEXCEPTION_FRAME_SIZE, %rsp
        movq    %r12, EXCEPTION_R12(%rsp)
        movq    %r13, EXCEPTION_R13(%rsp)
        movq    %r14, EXCEPTION_R14(%rsp)
        movq    %r15, EXCEPTION_R15(%rsp)
        movq    %rdi, EXCEPTION_TrapFrame(%rsp)
        movq    %rsp, %rsi
        movl    %ebx, %edx
        movl    %eax, %ecx
        callq   KiDispatchTrap
        addq    $KEXCEPTION_FRAME_SIZE, %rsp
        jmp     KiExceptionExit
END_FUNCTION(KiExceptionDispatch)

/* RSP = frame of ring 3, IF = 0: bool KiExitWork(frame, exception frame). */
FUNCTION(KiExceptionExitWork)
        cmpb    $EXIT_WORK_LOCKED, %gs:PCR_ExitWork
        jne     1f
        UNLOCK_KERNEL
        jmp     KiExceptionUnlocked
1:      movq    %rsp, %rdi
        subq    $KEXCEPTION_FRAME_SIZE, %rsp
        movq    %r12, EXCEPTION_R12(%rsp)
        movq    %r13, EXCEPTION_R13(%rsp)
        movq    %r14, EXCEPTION_R14(%rsp)
        movq    %r15, EXCEPTION_R15(%rsp)
        movq    %rsp, %rsi
        callq   KiExitWork
        movq    EXCEPTION_R12(%rsp), %r12
        movq    EXCEPTION_R13(%rsp), %r13
        movq    EXCEPTION_R14(%rsp), %r14
        movq    EXCEPTION_R15(%rsp), %r15
        addq    $KEXCEPTION_FRAME_SIZE, %rsp
        jmp     KiExceptionExit
END_FUNCTION(KiExceptionExitWork)

/* On an IST stack, with a GS base that may be either one: kernel addresses have bit 63 set. */
FUNCTION(KiIstEntry)
        SAVE_VOLATILE
        movq    $0, TRAP_GsBase(%rsp)   # 1: swapped here
        testb   $RPL_MASK, TRAP_SegCs(%rsp)
        jnz     1f
        movl    $MSR_GS_BASE, %ecx
        rdmsr
        testl   %edx, %edx
        js      2f
1:      swapgs
        movq    $1, TRAP_GsBase(%rsp)
2:      callq   KiTrap
        testl   %eax, %eax
        jnz     KiExceptionDispatch
        cmpb    $0, KiKvaShadow(%rip)
        jne     KiKernelIstExit
        cmpq    $0, TRAP_GsBase(%rsp)
        je      KiExceptionRestore
        jmp     KiExceptionExitSwap
END_FUNCTION(KiIstEntry)

/*
 * #DB of ring 3 moves from its IST stack to the thread's, since its handler may take page faults
 * and be dispatched; #DB of ring 0 stays. At 0(RSP): RBP, error code, RIP, CS, RFLAGS, RSP, SS.
 */
FUNCTION(KiDebugEntry)
        testb   $RPL_MASK, 0x18(%rsp)
        jz      KiIstEntry
        swapgs
        movq    %rsp, %rbp
        movq    %gs:PCR_RspBase, %rsp
        .irp    offset, 0x30, 0x28, 0x20, 0x18, 0x10, 0x08, 0x00
        pushq   \offset(%rbp)
        .endr
        movl    $1, %ebp
        jmp     KiExceptionEntrySwapped
END_FUNCTION(KiDebugEntry)

/* Vectors without a row: 8 bytes each. The vector goes where an error code would be. */
        .balign 64
FUNCTION(KiIsrThunk)
        .set    vector, 0
        .rept   RS_VECTOR_COUNT
        .byte   0x6a, vector            # push imm8, sign-extended
        pushq   %rbp
        .byte   0xe9                    # jmp rel32
        .long   KiIsrThunkEntry - . - 4
        .set    vector, vector + 1
        .endr
        .if     (. - KiIsrThunk) != 8 * RS_VECTOR_COUNT
        .error  "a thunk has 8 bytes"
        .endif
END_FUNCTION(KiIsrThunk)

FUNCTION(KiIsrThunkEntry)
        movzbl  8(%rsp), %ebp
        jmp     KiExceptionEntry
END_FUNCTION(KiIsrThunkEntry)

        .section .note.GNU-stack, "", @progbits
