/* SPDX-License-Identifier: MIT
 * Where the other processors begin: from real mode to the kernel. */

#include "asm.h"
#include "frame.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/msr.h>

#define HALF (PAGE_SIZE / 2)
#define LARGE_PAGE_OF_KERNEL (RS_GPA_KERNEL & ~(LARGE_PAGE_SIZE - 1))
#define PD_OFFSET ((RS_GPA_KERNEL >> LARGE_PAGE_SHIFT) * 8)
#define AT_RUN_TIME(label) (RS_GPA_TRAMPOLINE + label - KiTrampoline)

/*
 * Copied to RS_GPA_TRAMPOLINE. A STARTUP IPI begins here in real mode, IF = 0, CS.base = the page.
 * One step leads to 64-bit mode (SDM Vol. 3A, "Initializing IA-32e Mode", without its protected
 * mode): page tables that map this page at its own address, and kernel space.
 */
        .section .rodata, "a", @progbits
        .balign 16
        .code16
LABEL(KiTrampoline)
        movw    %cs, %ax
        movw    %ax, %ds
        lgdtl   trampoline_gdt - KiTrampoline
        movl    $(CR4_PAE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT), %eax
        movl    %eax, %cr4
        movl    $PHYSICAL(KiTrampolineTables), %eax
        movl    %eax, %cr3
        movl    $MSR_EFER, %ecx
        movl    $(EFER_LME | EFER_NXE), %eax
        xorl    %edx, %edx
        wrmsr
        movl    $(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG), %eax
        movl    %eax, %cr0
        ljmpl   $KGDT64_R0_CODE, $AT_RUN_TIME(trampoline_long_mode)
        .code64
trampoline_long_mode:
        movabsq $KiStartProcessor, %rax
        jmp     *%rax
        .balign 8
        .skip   2
trampoline_gdt:
        .word   KGDT64_SIZE - 1
        .long   PHYSICAL(KiGdt)
LABEL(KiTrampolineEnd)

        .text
/* void KiMakeTrampolineTables(void): the first 2 MiB and the kernel, whose GDT it is, at their own address,
 * and kernel space. */
FUNCTION(KiMakeTrampolineTables)
        leaq    KiPageTables + HALF(%rip), %rsi
        leaq    KiTrampolineTables + HALF(%rip), %rdi
        movl    $(HALF / 8), %ecx
        rep movsq
        leaq    KiTrampolineTables(%rip), %rdi
        movq    $PHYSICAL(KiTrampolineTables) + PAGE_SIZE + PTE_P + PTE_W, (%rdi)
        movq    $PHYSICAL(KiTrampolineTables) + 2 * PAGE_SIZE + PTE_P + PTE_W, PAGE_SIZE(%rdi)
        movq    $(PTE_P + PTE_W + PTE_PS), 2 * PAGE_SIZE(%rdi)
        movq    $(LARGE_PAGE_OF_KERNEL + PTE_P + PTE_W + PTE_PS), 2 * PAGE_SIZE + PD_OFFSET(%rdi)
        retq
END_FUNCTION(KiMakeTrampolineTables)

/* As KiSystemStartup, with the tables and the stack of KiStartingPcr. */
FUNCTION(KiStartProcessor)
        movl    $PHYSICAL(KiPageTables), %eax
        movq    %rax, %cr3
        movq    KiStartingPcr(%rip), %rdi
        movq    PCR_RspBase(%rdi), %rsp
        subq    $16, %rsp
        movw    $(KGDT64_SIZE - 1), 6(%rsp)
        movq    PCR_GdtBase(%rdi), %rax
        movq    %rax, 8(%rsp)
        lgdt    6(%rsp)
        movl    $KGDT64_R0_DATA, %eax
        movl    %eax, %ss
        movw    $(KIDT64_SIZE - 1), 6(%rsp)
        movq    PCR_IdtBase(%rdi), %rax
        movq    %rax, 8(%rsp)
        lidt    6(%rsp)
        movl    $KGDT64_SYS_TSS, %eax
        ltr     %ax
        xorl    %eax, %eax
        lldt    %ax
        movl    $(KGDT64_R3_DATA | RPL_MASK), %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %gs
        movl    $(KGDT64_R3_CMTEB | RPL_MASK), %eax
        movl    %eax, %fs
        movq    %rdi, %rax
        movq    %rdi, %rdx
        shrq    $32, %rdx
        movl    $MSR_GS_BASE, %ecx
        wrmsr
        fninit
        addq    $16, %rsp
        xorl    %ebp, %ebp
        call    KiInitializeProcessor   # (struct kpcr *), does not return
        ud2
END_FUNCTION(KiStartProcessor)

        .section .note.GNU-stack, "", @progbits
