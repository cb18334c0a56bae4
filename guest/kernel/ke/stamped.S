/* SPDX-License-Identifier: MIT
 * System service entry, dispatch and exit with a time stamp at each point of RS_SYSCALL_POINTS. */

#include "asm.h"
#include "service_path.h"
#include "stamps.h"

#include <ringscope/layout.h>

/*
 * LSTAR points here while `SysDbgStampEntry` is on: the same instructions as in syscall.S, and
 * between them the stamps, so that the ordinary path has nothing to do with them. The stamps are in
 * the KPCR until SysDbgTakeEntryStamps, which ring 3 calls by INT 2E, not to have new ones taken.
 *
 * The second table, stack arguments, an index that is none, and work before ring 3 go on in the
 * ordinary path: the points behind keep what they have, which SysDbgTakeEntryStamps takes away.
 */
        .section .entry.text, "ax", @progbits
        .balign 64
FUNCTION(KiSystemCall64Stamped)
        swapgs
        ENTRY_STAMP RS_POINT_ENTRY
        movq    %rsp, %gs:PCR_UserRsp
        movq    %gs:PCR_RspBase, %rsp
        pushq   $(KGDT64_R3_DATA | RPL_MASK)
        pushq   %gs:PCR_UserRsp
        pushq   %r11                    # RFLAGS
        pushq   $(KGDT64_R3_CODE | RPL_MASK)
        pushq   %rcx                    # RIP

LABEL(KiStampedServiceUser)             # KiSystemCall64ShadowStamped joins here
        ENTRY_STAMP RS_POINT_STACK
        SERVICE_FRAME
        sti                             # one processor: there is no kernel lock
        ENTRY_STAMP RS_POINT_DISPATCH
        SERVICE_INDEX
        testl   %edi, %edi
        jnz     KiSystemServiceRepeat
        leaq    KeServiceDescriptorTable(%rip), %r10
        testb   $THREAD_GUI, THREAD_ThreadFlags(%rbx)
        jz      1f
        leaq    KeServiceDescriptorTableShadow(%rip), %r10
1:      SERVICE_FIND KiSystemServiceInvalid
        jnz     KiSystemServiceArguments
        incl    %gs:PCR_KeSystemCalls
        ENTRY_STAMP RS_POINT_SERVICE
        callq   *%r10
        ENTRY_STAMP RS_POINT_EXIT
        cli
        cmpb    $0, %gs:PCR_ExitWork
        jne     KiSystemServiceWork
        SERVICE_EXIT_REGISTERS
        cmpb    $0, KiStampedReturnByIret(%rip)
        jne     KiStampedIret
        movq    %r9, %rbp
        ENTRY_STAMP RS_POINT_RETURN
        cmpb    $0, KiKvaShadow(%rip)
        jne     KiKernelSysretExit
        movq    %r8, %rsp
        swapgs
        sysretq

        # The frame's own five quadwords are what IRETQ takes.
KiStampedIret:
        leaq    TRAP_Rip - KTRAP_FRAME_RBP_BIAS(%rbp), %rsp
        movq    %r9, %rbp
        ENTRY_STAMP RS_POINT_RETURN
        swapgs
        iretq
END_FUNCTION(KiSystemCall64Stamped)

        .text
/* void KiStampTwice(void), SysV: at points 0 and 7. */
FUNCTION(KiStampTwice)
        ENTRY_STAMP RS_STAMP_BEFORE
        ENTRY_STAMP RS_STAMP_AFTER
        retq
END_FUNCTION(KiStampTwice)

        .data
        .globl  KiStampedReturnByIret
KiStampedReturnByIret:
        .byte   0

        .section .note.GNU-stack, "", @progbits
