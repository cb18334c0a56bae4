/* SPDX-License-Identifier: MIT
 * KVA shadow: from ring 3 to the kernel and back, between two page-table roots. */

#include "asm.h"
#include "frame.h"
#include "stamps.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/vectors.h>

/*
 * Ring 3 runs with a root that has user space and, of kernel space, three things: this section,
 * the processor's descriptor area (IDT, GDT, TSS, transition stacks) and one page of KPCR. Nothing
 * else can be touched here before the kernel's root is loaded, or once the user's is.
 *
 * An entry goes on in the ordinary path, on the thread's stack, with the frame that the processor
 * would have pushed there. CR3 has bit 63 set when PCIDs are in use: no translation is dropped.
 */
        .macro  LOAD_KERNEL_ROOT        # in RSP
        movq    %gs:PCR_KernelDirectoryTableBase, %rsp
        movq    %rsp, %cr3
        .endm

        # Bit 63 stays, unless translations of ring 3 have changed: RFLAGS is lost.
        .macro  LOAD_USER_ROOT register
        movq    %gs:PCR_UserDirectoryTableBase, %\register
        btrl    $0, %gs:PCR_ShadowFlags # SHADOW_FLUSH_PENDING
        jnc     9f
        btrq    $63, %\register
9:      movq    %\register, %cr3
        .endm

        .section .kvascode, "ax", @progbits
        .balign 64
        .macro  SYSTEM_CALL_ENTRY selector
        swapgs
        movq    %rsp, %gs:PCR_UserRspShadow
        LOAD_KERNEL_ROOT
        movq    %gs:PCR_RspBaseShadow, %rsp
        pushq   $(KGDT64_R3_DATA | RPL_MASK)
        pushq   %gs:PCR_UserRspShadow
        pushq   %r11                    # RFLAGS
        pushq   $(\selector | RPL_MASK)
        pushq   %rcx                    # RIP
        .endm

/* SYSCALL: as KiSystemCall64. */
FUNCTION(KiSystemCall64Shadow)
        SYSTEM_CALL_ENTRY KGDT64_R3_CODE
        jmp     KiSystemServiceUser
END_FUNCTION(KiSystemCall64Shadow)

/* The same with stamps: as KiSystemCall64Stamped, which it joins. */
FUNCTION(KiSystemCall64ShadowStamped)
        swapgs
        ENTRY_STAMP RS_POINT_ENTRY
        swapgs
        SYSTEM_CALL_ENTRY KGDT64_R3_CODE
        jmp     KiStampedServiceUser
END_FUNCTION(KiSystemCall64ShadowStamped)

/* SYSCALL from compatibility mode: as KiSystemCall32. */
FUNCTION(KiSystemCall32Shadow)
        SYSTEM_CALL_ENTRY KGDT64_R3_CMCODE
        pushq   $0
        pushq   %rbp
        movl    $6, %ebp                # as #UD
        jmp     KiExceptionEntrySwapped
END_FUNCTION(KiSystemCall32Shadow)

/* The end of a system call. R8 and RBP are the user's RSP and RBP, IF = 0. */
FUNCTION(KiKernelSysretExit)
        LOAD_USER_ROOT rsp
        movq    %r8, %rsp
        swapgs
        sysretq
END_FUNCTION(KiKernelSysretExit)

/* INT 2E: RCX is free, the service has its first argument in R10. */
FUNCTION(KiSystemServiceShadow)
        swapgs
        cld
        movq    %rsp, %rcx              # on the transition stack
        LOAD_KERNEL_ROOT
        movq    %gs:PCR_RspBaseShadow, %rsp
        .irp    offset, 0x20, 0x18, 0x10, 0x08, 0x00
        pushq   \offset(%rcx)
        .endr
        jmp     KiSystemServiceUser
END_FUNCTION(KiSystemServiceShadow)

        .macro  SHADOW_STUB name, vector, error_code, ist
        .ifnc   \name, KiSystemService
FUNCTION(\name\()Shadow)
        .if     \error_code == 0
        pushq   $0
        .endif
        pushq   %rbp
        movl    $\vector, %ebp
        .if     \ist == 0
        jmp     KiExceptionEntryShadow
        .elseif \vector == 1
        jmp     KiDebugEntryShadow
        .else
        jmp     KiIstEntryShadow
        .endif
END_FUNCTION(\name\()Shadow)
        .endif
        .endm

#define X(mnemonic, vector, class, error_code, dpl, ist, handler, title)                           \
        SHADOW_STUB handler, vector, error_code, ist;
RS_VECTORS(X)
#undef X

/*
 * Ring 0 runs with the kernel's root wherever an exception without an IST can happen. EBP = vector;
 * at 0(RSP): RBP, error code, RIP, CS, RFLAGS, RSP, SS. They move to the thread's stack.
 */
FUNCTION(KiExceptionEntryShadow)
        testb   $RPL_MASK, 0x18(%rsp)
        jz      KiExceptionEntrySwapped
LABEL(KiExceptionEntryShadowUser)
        swapgs
        pushq   %rsi
        movq    %rsp, %rsi
        LOAD_KERNEL_ROOT
        movq    %gs:PCR_RspBaseShadow, %rsp
        .irp    offset, 0x38, 0x30, 0x28, 0x20, 0x18, 0x10, 0x08
        pushq   \offset(%rsi)
        .endr
        movq    (%rsi), %rsi
        jmp     KiExceptionEntrySwapped
END_FUNCTION(KiExceptionEntryShadow)

FUNCTION(KiDebugEntryShadow)
        testb   $RPL_MASK, 0x18(%rsp)
        jnz     KiExceptionEntryShadowUser
        jmp     KiIstEntryShadow
END_FUNCTION(KiDebugEntryShadow)

/*
 * With either root and either GS base, on a transition stack below its base frame. What was pushed
 * moves to the stack that the base frame names, under the address of the copy (twice: alignment).
 */
        .set    IST_FRAME, 0x40         # from RSI
FUNCTION(KiIstEntryShadow)
        pushq   %rsi
        movq    %rsp, %rsi
        movq    %cr3, %rsp
        movq    %rsp, IST_FRAME + IST_PreviousCr3(%rsi)
        movq    IST_FRAME + IST_KernelGsBase(%rsi), %rsp
        movq    PCR_KernelDirectoryTableBase(%rsp), %rsp
        movq    %rsp, %cr3
        movq    IST_FRAME + IST_Link(%rsi), %rsp
        pushq   %rsi
        pushq   %rsi
        .irp    offset, 0x38, 0x30, 0x28, 0x20, 0x18, 0x10, 0x08
        pushq   \offset(%rsi)
        .endr
        movq    (%rsi), %rsi
        jmp     KiIstEntry
END_FUNCTION(KiIstEntryShadow)

        .macro  RESTORE_VOLATILE        # but RAX and RBP
        movq    TRAP_Rcx(%rsp), %rcx
        movq    TRAP_Rdx(%rsp), %rdx
        movq    TRAP_R8(%rsp), %r8
        movq    TRAP_R9(%rsp), %r9
        movq    TRAP_R10(%rsp), %r10
        movq    TRAP_R11(%rsp), %r11
        movq    TRAP_Rbx(%rsp), %rbx
        movq    TRAP_Rdi(%rsp), %rdi
        movq    TRAP_Rsi(%rsp), %rsi
        .endm

        # RBP = address for SS, + 8. The frame, and RBP and RAX below it, go onto another stack.
        .macro  MOVE_FRAME
        .set    below, 0
        .irp    field, SegSs, Rsp, EFlags, SegCs, Rip, Rbp, Rax
        .set    below, below + 8
        movq    TRAP_\field(%rsp), %rax
        movq    %rax, -below(%rbp)
        .endr
        RESTORE_VOLATILE
        leaq    -below(%rbp), %rsp
        .endm

/* To ring 3. RSP = frame, IF = 0. */
FUNCTION(KiKernelExit)
        movq    %gs:PCR_TssBase, %rbp
        movq    TSS64_RSP0(%rbp), %rbp
        MOVE_FRAME
        LOAD_USER_ROOT rax
        swapgs
        popq    %rax
        popq    %rbp
        iretq
END_FUNCTION(KiKernelExit)

/* From an IST handler, to whatever it came from. RSP = frame. */
FUNCTION(KiKernelIstExit)
        cmpq    $0, TRAP_GsBase(%rsp)
        je      1f
        swapgs
1:      movq    KTRAP_FRAME_SIZE(%rsp), %rbp
        addq    $IST_FRAME, %rbp
        MOVE_FRAME
        movq    IST_PreviousCr3(%rbp), %rax
        movq    %rax, %cr3
        popq    %rax
        popq    %rbp
        iretq
END_FUNCTION(KiKernelIstExit)

/* As KiIsrThunk. */
        .balign 64
FUNCTION(KiIsrThunkShadow)
        .set    vector, 0
        .rept   RS_VECTOR_COUNT
        .byte   0x6a, vector            # push imm8, sign-extended
        pushq   %rbp
        .byte   0xe9                    # jmp rel32
        .long   KiIsrThunkShadowEntry - . - 4
        .set    vector, vector + 1
        .endr
        .if     (. - KiIsrThunkShadow) != 8 * RS_VECTOR_COUNT
        .error  "a thunk has 8 bytes"
        .endif
END_FUNCTION(KiIsrThunkShadow)

FUNCTION(KiIsrThunkShadowEntry)
        movzbl  8(%rsp), %ebp
        jmp     KiExceptionEntryShadow
END_FUNCTION(KiIsrThunkShadowEntry)

        .section .note.GNU-stack, "", @progbits
