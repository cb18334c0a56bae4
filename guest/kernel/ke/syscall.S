/* SPDX-License-Identifier: MIT
 * System service entry, dispatch and exit. */

#include "asm.h"
#include "service_path.h"

#include <nt/process.h>
#include <ringscope/layout.h>

/*
 * Reached by SYSCALL (LSTAR) or INT 2E (IDT) from an ntdll stub:
 *
 *   EAX  service: bits 11:0 index, bit 12 table
 *   R10  argument 1 (RCX holds the return RIP after SYSCALL); RDX, R8, R9 arguments 2-4
 *   user stack: [RSP] return address, RSP+08..27 home of arguments 1-4, RSP+28 argument 5 ...
 *
 * Stack while the service runs (a KTRAP_FRAME is at the top of the thread's stack):
 *
 *   RBP+110         end of the frame = top of the stack
 *   RBP-80          frame; its first 28h bytes are the home area of the service
 *   RBP-F0          only when stack arguments were copied: 14 slots end at RBP-60
 *
 * RBX, RDI, RSI live in the frame while RBX = thread, RDI and RSI are scratch; R12-R15 are kept
 * by the services. XMM is not used in the kernel.
 */
        .section .entry.text, "ax", @progbits
        .balign 64
FUNCTION(KiSystemCall64)
        swapgs
        movq    %rsp, %gs:PCR_UserRsp
        movq    %gs:PCR_RspBase, %rsp
        pushq   $(KGDT64_R3_DATA | RPL_MASK)
        pushq   %gs:PCR_UserRsp
        pushq   %r11                    # RFLAGS
        pushq   $(KGDT64_R3_CODE | RPL_MASK)
        pushq   %rcx                    # RIP

LABEL(KiSystemServiceUser)              # KiSystemService joins here
        SERVICE_FRAME
        cmpb    $0, KiMultiprocessor(%rip)
        jne     KiSystemServiceLock
KiSystemServiceLocked:
        sti

LABEL(KiSystemServiceStart)
        SERVICE_INDEX

LABEL(KiSystemServiceRepeat)
        leaq    KeServiceDescriptorTable(%rip), %r10
        testb   $THREAD_GUI, THREAD_ThreadFlags(%rbx)
        jnz     KiSystemServiceGui
KiSystemServiceTable:
        SERVICE_FIND KiSystemServiceInvalid
        jz      KiSystemServiceCall

LABEL(KiSystemServiceArguments)
        # Stack arguments: slot k is at RSI + 8k in user memory and RDI + 8k here, k = 1-14.
        # Jump into the copy so that the wanted number of 8-byte steps is left.
        subq    $0x70, %rsp
        leaq    0x18(%rsp), %rdi
        movq    TRAP_Rsp - KTRAP_FRAME_RBP_BIAS(%rbp), %rsi
        addq    $0x20, %rsi
        testb   $RPL_MASK, TRAP_SegCs - KTRAP_FRAME_RBP_BIAS(%rbp)
        jz      1f                      # from KiServiceInternal: the stack is this one
        movabsq $RS_GVA_USER_PROBE, %r11
        cmpq    %r11, %rsi
        cmovaeq %r11, %rsi              # never mapped: faults below, in the guarded range
1:      leaq    KiSystemServiceCopyEnd(%rip), %r11
        shll    $3, %eax
        subq    %rax, %r11
        jmpq    *%r11

LABEL(KiSystemServiceCopyStart)
        .irp    slot, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1
        movq    8 * \slot(%rsi), %rax   # 8 bytes of code for each slot
        movq    %rax, 8 * \slot(%rdi)
        .endr
LABEL(KiSystemServiceCopyEnd)
        .if     (KiSystemServiceCopyEnd - KiSystemServiceCopyStart) != 14 * 8
        .error  "the argument copy needs 8 bytes of code for each slot"
        .endif

LABEL(KiSystemServiceCall)
        incl    %gs:PCR_KeSystemCalls
        callq   *%r10

        # EAX = status. A fault while copying arguments comes here too, by KiTrap.
LABEL(KiSystemServiceExit)
        testb   $RPL_MASK, TRAP_SegCs - KTRAP_FRAME_RBP_BIAS(%rbp)
        jz      KiServiceInternalExit
        cli
        cmpb    $0, %gs:PCR_ExitWork
        jne     KiSystemServiceWork
KiSystemServiceUnlocked:
        SERVICE_EXIT_REGISTERS
        movq    %r9, %rbp
        cmpb    $0, KiKvaShadow(%rip)
        jne     KiKernelSysretExit
        movq    %r8, %rsp
        swapgs
        sysretq

        # What a C function does not keep: the index, the table, arguments 1-4.
        .macro  CALL_WITH_ARGUMENTS_KEPT function
        .irp    register, rax, rdi, rcx, rdx, r8, r9
        pushq   %\register
        .endr
        callq   \function
        movl    %eax, %r10d
        .irp    register, r9, r8, rdx, rcx, rdi, rax
        popq    %\register
        .endr
        .endm

        # A GUI thread. Calls of GDI that ring 3 has kept back come before the second table's.
KiSystemServiceGui:
        leaq    KeServiceDescriptorTableShadow(%rip), %r10
        testl   %edi, %edi
        jz      KiSystemServiceTable
        cmpl    SERVICE_Limit + KSERVICE_DESCRIPTOR_SIZE(%r10), %eax
        jae     KiSystemServiceInvalid
        movq    THREAD_Teb(%rbx), %r11
LABEL(KiSystemServiceGdiTebAccess)      # a fault here, too, is the status of the service
        cmpl    $0, TEB_GDI_BATCH_COUNT(%r11)
        je      KiSystemServiceTable
        CALL_WITH_ARGUMENTS_KEPT KiFlushGdiBatch
        leaq    KeServiceDescriptorTableShadow(%rip), %r10
        jmp     KiSystemServiceTable

        # No such index; or the second table, of a thread that is no GUI thread yet.
LABEL(KiSystemServiceInvalid)
        testl   %edi, %edi
        jz      1f
        CALL_WITH_ARGUMENTS_KEPT KiConvertToGuiThread
        testl   %r10d, %r10d
        jz      KiSystemServiceRepeat
        cmpl    $RS_WIN32_SERVICE_LIMIT, %eax
        jae     1f
        leaq    W32pServiceTable + 4 * RS_WIN32_SERVICE_LIMIT(%rip), %r10
        movsbl  (%r10, %rax), %eax      # what that service returns if it cannot be had
        testl   %eax, %eax
        jle     KiSystemServiceExit
1:      movl    $STATUS_INVALID_SYSTEM_SERVICE, %eax
        jmp     KiSystemServiceExit

        # More than one processor: the kernel lock, processor.h. RAX, RCX, RDX, R8, R9 are in use.
KiSystemServiceLock:
        cmpl    $0, KiWaitingSummary(%rip)
        jne     1f
        movl    $1, %r10d
        xchgl   %r10d, KiKernelLock(%rip)
        testl   %r10d, %r10d
        jnz     1f
        orb     $EXIT_WORK_LOCKED, %gs:PCR_ExitWork
        jmp     KiSystemServiceLocked
1:      STORE_NON_VOLATILE(%rbx)
        .irp    register, rax, rcx, rdx, r8, r9, r9     # twice: alignment
        pushq   %\register
        .endr
        callq   KiWaitForKernelLock
        .irp    register, r9, r9, r8, rdx, rcx, rax
        popq    %\register
        .endr
        orb     $EXIT_WORK_LOCKED, %gs:PCR_ExitWork
        jmp     KiSystemServiceLocked

        # Something to do before ring 3: bool KiServiceExitWork(frame, exception frame, status).
        # True: the whole context was replaced, and IRETQ has to load it.
LABEL(KiSystemServiceWork)
        cmpb    $EXIT_WORK_LOCKED, %gs:PCR_ExitWork
        jne     1f
        UNLOCK_KERNEL
        jmp     KiSystemServiceUnlocked
1:      movl    %eax, %ebx
        leaq    -KTRAP_FRAME_RBP_BIAS(%rbp), %rdi
        leaq    -KEXCEPTION_FRAME_SIZE(%rdi), %rsp
        movq    %r12, EXCEPTION_R12(%rsp)
        movq    %r13, EXCEPTION_R13(%rsp)
        movq    %r14, EXCEPTION_R14(%rsp)
        movq    %r15, EXCEPTION_R15(%rsp)
        movq    %rsp, %rsi
        movl    %eax, %edx
        callq   KiServiceExitWork
        movq    EXCEPTION_R12(%rsp), %r12
        movq    EXCEPTION_R13(%rsp), %r13
        movq    EXCEPTION_R14(%rsp), %r14
        movq    EXCEPTION_R15(%rsp), %r15
        addq    $KEXCEPTION_FRAME_SIZE, %rsp
        testb   %al, %al
        jnz     KiExceptionExit
        movl    %ebx, %eax
        jmp     KiSystemServiceExit
END_FUNCTION(KiSystemCall64)

/*
 * A call of the kernel's own, from a Zw stub: EAX = service, arguments as the service takes them.
 * There is no transition: the frame that a system call would have is built here, and says "ring 0".
 */
FUNCTION(KiServiceInternal)
        movq    %rsp, %r10
        subq    $8, %rsp                # a frame begins at a multiple of 16
        pushq   $KGDT64_R0_DATA
        pushq   %r10
        pushfq
        pushq   $KGDT64_R0_CODE
        pushq   (%r10)                  # RIP
        subq    $8, %rsp
        pushq   %rbp
        subq    $TRAP_Rbp, %rsp
        leaq    KTRAP_FRAME_RBP_BIAS(%rsp), %rbp
        movq    %rbx, TRAP_Rbx(%rsp)
        movq    %rdi, TRAP_Rdi(%rsp)
        movq    %rsi, TRAP_Rsi(%rsp)
        movb    $TRAP_SERVICE, TRAP_ExceptionActive(%rsp)
        movq    %gs:PCR_CurrentThread, %rbx
        movq    THREAD_TrapFrame(%rbx), %r10
        movq    %r10, TRAP_TrapFrame(%rsp)
        movb    THREAD_PreviousMode(%rbx), %r10b
        movb    %r10b, TRAP_PreviousMode(%rsp)
        movb    $KERNEL_MODE, THREAD_PreviousMode(%rbx)
        jmp     KiSystemServiceStart

        # EAX = status, RBP as everywhere
LABEL(KiServiceInternalExit)
        movq    %gs:PCR_CurrentThread, %rbx
        movb    TRAP_PreviousMode - KTRAP_FRAME_RBP_BIAS(%rbp), %r10b
        movb    %r10b, THREAD_PreviousMode(%rbx)
        movq    TRAP_TrapFrame - KTRAP_FRAME_RBP_BIAS(%rbp), %r10
        movq    %r10, THREAD_TrapFrame(%rbx)
        movq    TRAP_Rbx - KTRAP_FRAME_RBP_BIAS(%rbp), %rbx
        movq    TRAP_Rdi - KTRAP_FRAME_RBP_BIAS(%rbp), %rdi
        movq    TRAP_Rsi - KTRAP_FRAME_RBP_BIAS(%rbp), %rsi
        movq    TRAP_Rsp - KTRAP_FRAME_RBP_BIAS(%rbp), %r10
        movq    TRAP_Rbp - KTRAP_FRAME_RBP_BIAS(%rbp), %rbp
        movq    %r10, %rsp              # last: an interrupt may overwrite what is below
        retq
END_FUNCTION(KiServiceInternal)

/* INT 2E: the processor pushed the same five quadwords on the same stack. */
FUNCTION(KiSystemService)
        swapgs
        cld
        jmp     KiSystemServiceUser
END_FUNCTION(KiSystemService)

/*
 * SYSCALL from compatibility mode (AMD, CSTAR). No 32-bit service path exists: the caller gets
 * an illegal-instruction exception at the instruction after SYSCALL.
 */
FUNCTION(KiSystemCall32)
        swapgs
        movq    %rsp, %gs:PCR_UserRsp
        movq    %gs:PCR_RspBase, %rsp
        pushq   $(KGDT64_R3_DATA | RPL_MASK)
        pushq   %gs:PCR_UserRsp
        pushq   %r11
        pushq   $(KGDT64_R3_CMCODE | RPL_MASK)
        pushq   %rcx
        pushq   $0
        pushq   %rbp
        movl    $6, %ebp                # as #UD
        jmp     KiExceptionEntrySwapped
END_FUNCTION(KiSystemCall32)

        .section .rodata.cst16, "aM", @progbits, 16
        .balign 16
        .globl  KiZeroXmm
KiZeroXmm:
        .quad   0, 0

        .section .note.GNU-stack, "", @progbits
