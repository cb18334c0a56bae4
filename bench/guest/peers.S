/* SPDX-License-Identifier: MIT
 * The guest of bench-peers: #UD and the IRETQ that ends it, for ever, under any of the tracers. */

#include <ringscope/layout.h>
#include <ringscope/x86/msr.h>

/*
 * ringscope enters it at _start as <ringscope/abi.h> says; `qemu-system-x86_64 -kernel` at
 * pvh_start, in 32-bit mode without paging ("x86/HVM direct boot ABI" of Xen, phys32_entry).
 */
#define HANDLER 0x800
#define VECTOR_UD 6
#define NOTE_PHYS32_ENTRY 18 /* XEN_ELFNOTE_PHYS32_ENTRY */
#define LARGE_PAGES 512

    .text
    .globl _start
    .type _start, @function
_start:
    lea stack_top(%rip), %rsp
    lgdt gdt_register(%rip)
    lidt idt_register(%rip)
    mov $MSR_EFER, %ecx /* an MSR exit: the IDT is hooked from here on */
    rdmsr
1:  ud2
    jmp 1b
    .size _start, . - _start

    .code32
    .globl pvh_start
    .type pvh_start, @function
pvh_start:
    lgdt gdt_register
    mov $KGDT64_R0_DATA, %eax
    mov %eax, %ss
    mov $pml4, %eax
    mov %eax, %cr3
    mov %cr4, %eax
    or $CR4_PAE, %eax
    mov %eax, %cr4
    mov $MSR_EFER, %ecx
    rdmsr
    or $EFER_LME, %eax
    wrmsr
    mov %cr0, %eax
    or $(CR0_PG | CR0_PE), %eax
    mov %eax, %cr0
    ljmp $KGDT64_R0_CODE, $_start
    .size pvh_start, . - pvh_start

    .code64
    .org HANDLER
    .globl handler, handler_return
    .type handler, @function
handler:
    addq $2, (%rsp)
handler_return:
    iretq
    .size handler, . - handler

    .data
    .balign 4096
pml4:
    .quad pdpt + (PTE_P | PTE_W)
    .fill 511, 8, 0
pdpt:
    .quad pd + (PTE_P | PTE_W)
    .fill 511, 8, 0
pd:
    .set page, 0
    .rept LARGE_PAGES
    .quad page + (PTE_P | PTE_W | PTE_PS)
    .set page, page + LARGE_PAGE_SIZE
    .endr
gdt:
    .quad 0, 0
    .quad 0x00209b0000000000 /* KGDT64_R0_CODE */
    .quad 0x0040930000000000 /* KGDT64_R0_DATA */
gdt_end:
idt:
    .fill VECTOR_UD * 2, 8, 0
    .word HANDLER, KGDT64_R0_CODE, 0x8e00, RS_GPA_KERNEL >> 16
    .quad 0
idt_end:
gdt_register:
    .word gdt_end - gdt - 1
    .quad gdt
idt_register:
    .word idt_end - idt - 1
    .quad idt
    .balign 16
    .fill 4096, 1, 0
stack_top:

    .section .note.pvh, "a", @note
    .balign 4
    .long 4, 8, NOTE_PHYS32_ENTRY
    .asciz "Xen"
    .quad pvh_start

    .section .note.GNU-stack, "", @progbits
