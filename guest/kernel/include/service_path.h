/* SPDX-License-Identifier: MIT
 * Pieces of the path of a system service that its entries share: see syscall.S for the frame. */
#ifndef KERNEL_SERVICE_PATH_H
#define KERNEL_SERVICE_PATH_H

#include "frame.h"

#include <ringscope/nt/services.h>

/* clang-format off */
        # The rest of the frame, below RIP, CS, RFLAGS, RSP, SS. RBX = thread, RCX = argument 1.
        .macro  SERVICE_FRAME
        movq    %r10, %rcx
        subq    $8, %rsp                # error code
        pushq   %rbp
        subq    $TRAP_Rbp, %rsp
        leaq    KTRAP_FRAME_RBP_BIAS(%rsp), %rbp
        movq    %rbx, TRAP_Rbx(%rsp)
        movq    %rdi, TRAP_Rdi(%rsp)
        movq    %rsi, TRAP_Rsi(%rsp)
        movb    $TRAP_SERVICE, TRAP_ExceptionActive(%rsp)
        movq    %gs:PCR_CurrentThread, %rbx
        movq    %rcx, THREAD_FirstArgument(%rbx)
        movl    %eax, THREAD_SystemCallNumber(%rbx)
        .endm

        # EAX as ring 3 gave it. RDI = byte offset of the table's descriptor, EAX = index.
        .macro  SERVICE_INDEX
        movq    %rsp, THREAD_TrapFrame(%rbx)
        movl    %eax, %edi
        shrl    $(RS_SERVICE_TABLE_SHIFT - 5), %edi
        andl    $KSERVICE_DESCRIPTOR_SIZE, %edi
        andl    $RS_SERVICE_INDEX_MASK, %eax
        .endm

        # R10 = the descriptors; then R10 = the service, EAX = its stack arguments, ZF = there are
        # none; or to \invalid.
        .macro  SERVICE_FIND invalid
        addq    %rdi, %r10
        cmpl    SERVICE_Limit(%r10), %eax
        jae     \invalid
        movq    SERVICE_Count(%r10), %r11
        lock incl (%r11, %rax, 4)
        movq    SERVICE_Base(%r10), %r10
        movslq  (%r10, %rax, 4), %r11   # (offset << 4) | stack arguments
        movl    %r11d, %eax
        sarq    $4, %r11
        addq    %r11, %r10
        andl    $0xf, %eax
        .endm

        # What ring 3 gets but RSP and RBP, which are in R8 and R9.
        .macro  SERVICE_EXIT_REGISTERS
        movq    TRAP_Rbx - KTRAP_FRAME_RBP_BIAS(%rbp), %rbx
        movq    TRAP_Rdi - KTRAP_FRAME_RBP_BIAS(%rbp), %rdi
        movq    TRAP_Rsi - KTRAP_FRAME_RBP_BIAS(%rbp), %rsi
        # Nothing of the kernel's may be seen in ring 3. PXOR would do the same, but not every
        # host's ring 0 has it.
        movaps  KiZeroXmm(%rip), %xmm0
        movaps  %xmm0, %xmm1
        movaps  %xmm0, %xmm2
        movaps  %xmm0, %xmm3
        movaps  %xmm0, %xmm4
        movaps  %xmm0, %xmm5
        # RCX is a user address: nothing is mapped at the end of user space, so SYSCALL and
        # INT cannot have left a non-canonical one (SDM Vol. 2B, "SYSRET").
        movq    TRAP_Rip - KTRAP_FRAME_RBP_BIAS(%rbp), %rcx
        movq    TRAP_EFlags - KTRAP_FRAME_RBP_BIAS(%rbp), %r11
        movq    TRAP_Rsp - KTRAP_FRAME_RBP_BIAS(%rbp), %r8
        movq    TRAP_Rbp - KTRAP_FRAME_RBP_BIAS(%rbp), %r9
        xorl    %edx, %edx
        xorl    %r10d, %r10d
        .endm

/* clang-format on */
#endif
