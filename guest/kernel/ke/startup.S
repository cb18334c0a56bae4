/* SPDX-License-Identifier: MIT
 * Entry of the kernel: processor tables, then C. */

#include "asm.h"
#include "frame.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/msr.h>

/*
 * Called by the VMM with the state of abi.h: RDI = GPA of the boot information, no stack,
 * interrupts off, the VMM's page tables. All tables were built when the kernel was linked.
 */
        .section .entry.text, "ax", @progbits
FUNCTION(KiSystemStartup)
        movl    $PHYSICAL(KiPageTables), %eax
        movq    %rax, %cr3
        lgdt    gdt_pointer(%rip)
        lidt    idt_pointer(%rip)
        movl    $KGDT64_SYS_TSS, %eax
        ltr     %ax
        xorl    %eax, %eax              # a reset leaves LDTR usable, base 0, limit FFFF: a selector
        lldt    %ax                     # of ring 3 with TI = 1 would read there
        movl    $(KGDT64_R3_DATA | RPL_MASK), %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %gs               # clears the GS base: before the WRMSR
        movl    $(KGDT64_R3_CMTEB | RPL_MASK), %eax
        movl    %eax, %fs

        leaq    KiInitialPcr(%rip), %rax
        movq    %rax, %rdx
        shrq    $32, %rdx
        movl    $MSR_GS_BASE, %ecx
        wrmsr

        movq    %cr0, %rax
        orl     $CR0_AM, %eax           # ring 3 can have #AC
        movq    %rax, %cr0
        movq    %cr4, %rax
        orl     $CR4_MCE, %eax          # or a machine check is a shutdown
        movq    %rax, %cr4

        leaq    KiKernelStack + KERNEL_STACK_SIZE(%rip), %rsp
        xorl    %ebp, %ebp
        call    KiInitializeKernel      # (uint64_t boot_info_gpa), does not return
        ud2
END_FUNCTION(KiSystemStartup)

/*
 * Leaves for ring 3 with all other general registers zero:
 *
 *   _Noreturn void KiStartUserThread(struct ktrap_frame *frame, uint64_t rip, uint64_t rsp);
 *
 * The frame is at the top of the stack that got us here, so nothing of that is needed any more.
 */
FUNCTION(KiStartUserThread)
        movq    %rdi, %rsp
        leaq    KTRAP_FRAME_RBP_BIAS(%rsp), %rbp
        xorl    %eax, %eax
        movl    $KTRAP_FRAME_SIZE / 8, %ecx
        rep     stosq
        movq    %rsi, TRAP_Rip(%rsp)
        movq    %rdx, TRAP_Rsp(%rsp)
        movq    $(KGDT64_R3_CODE | RPL_MASK), TRAP_SegCs(%rsp)
        movq    $(KGDT64_R3_DATA | RPL_MASK), TRAP_SegSs(%rsp)
        movq    $(RFLAGS_IF | RFLAGS_FIXED), TRAP_EFlags(%rsp)
        xorl    %r12d, %r12d
        xorl    %r13d, %r13d
        xorl    %r14d, %r14d
        xorl    %r15d, %r15d
        jmp     KiExceptionExit
END_FUNCTION(KiStartUserThread)

        .section .rodata, "a", @progbits
        .balign 8
        .skip   6
gdt_pointer:
        .word   KGDT64_SIZE - 1
        .quad   KiGdt
        .skip   6
idt_pointer:
        .word   KIDT64_SIZE - 1
        .quad   KiIdt

        .section .note.GNU-stack, "", @progbits
