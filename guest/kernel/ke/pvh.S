/* SPDX-License-Identifier: MIT
 * Entry of the kernel by PVH: makes the state of abi.h, then KiSystemStartup cannot tell.
 * Nothing below 1 MiB is written: what the boot loader says may lie there. */

#include "asm.h"
#include "frame.h"

#include <ringscope/abi.h>
#include <ringscope/x86/cpu.h>
#include <ringscope/x86/msr.h>

#define NOTE_PHYS32_ENTRY 18 /* XEN_ELFNOTE_PHYS32_ENTRY */
/* The large page that holds the kernel, and its place in the page directory. */
#define LARGE_PAGE_OF_KERNEL (RS_GPA_KERNEL & ~(LARGE_PAGE_SIZE - 1))
#define PD_OFFSET ((RS_GPA_KERNEL >> LARGE_PAGE_SHIFT) * 8)
#define HALF (PAGE_SIZE / 2)

/*
 * Protected mode without paging, flat segments, EBX = address of struct hvm_start_info. The tables
 * map the kernel's page at its own address until the jump, and kernel space as KiPageTables does.
 */
        .section .text.pvh, "ax", @progbits
        .code32
FUNCTION(KiPvhStart)
        cli
        cld
        movl    $PHYSICAL(KiPageTables) + HALF, %esi
        movl    $PHYSICAL(pml4) + HALF, %edi
        movl    $(HALF / 4), %ecx
        rep movsl
        movl    $PHYSICAL(pdpt) + PTE_P + PTE_W, PHYSICAL(pml4)
        movl    $PHYSICAL(pd) + PTE_P + PTE_W, PHYSICAL(pdpt)
        movl    $(LARGE_PAGE_OF_KERNEL + PTE_P + PTE_W + PTE_PS), PHYSICAL(pd) + PD_OFFSET

        lgdt    PHYSICAL(pvh_gdt_pointer)
        movl    $(CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT), %eax
        movl    %eax, %cr4
        movl    $PHYSICAL(pml4), %eax
        movl    %eax, %cr3
        movl    $MSR_EFER, %ecx
        movl    $(EFER_LME | EFER_NXE), %eax
        xorl    %edx, %edx
        wrmsr
        movl    $(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG), %eax
        movl    %eax, %cr0
        ljmp    $KGDT64_R0_CODE, $PHYSICAL(long_mode)
        .code64
long_mode:
        movabsq $kernel_space, %rax
        jmp     *%rax
kernel_space:
        movl    $KGDT64_R0_DATA, %eax
        movl    %eax, %ss
        movl    %eax, %ds
        movl    %eax, %es
        fninit
        leaq    KiKernelStack + KERNEL_STACK_SIZE(%rip), %rsp
        xorl    %ebp, %ebp
        movl    %ebx, %edi
        call    KiBuildBootInfo         # (uint32_t start_info_gpa)
        movq    %rax, %rdi
        jmp     KiSystemStartup
END_FUNCTION(KiPvhStart)

        .section .rodata, "a", @progbits
        .balign 8
        .skip   2
pvh_gdt_pointer:
        .word   KGDT64_SIZE - 1
        .long   PHYSICAL(KiGdt)

        .section .bss.pvh, "aw", @nobits
        .balign PAGE_SIZE
        .globl  KiTrampolineTables      # later the other processors start with them
KiTrampolineTables:
pml4:   .skip   PAGE_SIZE
pdpt:   .skip   PAGE_SIZE
pd:     .skip   PAGE_SIZE

        .section .note.Xen, "a", @note
        .balign 4
        .long   4, 8, NOTE_PHYS32_ENTRY
        .asciz  "Xen"
        .quad   PHYSICAL(KiPvhStart)

        /* The VMM enters by abi.h, for all that. */
        .section .note.ringscope, "a", @note
        .balign 4
        .long   2f - 1f, 4, RS_BOOT_NOTE_ABI
1:      .asciz  RS_BOOT_NOTE_NAME
2:      .balign 4
        .long   RS_BOOT_VERSION

        .section .note.GNU-stack, "", @progbits
