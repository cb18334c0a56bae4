/* SPDX-License-Identifier: MIT
 * The guest of bench-exits: one gate exit, one site exit and one PIO exit, for ever. */

#include <ringscope/layout.h>
#include <ringscope/x86/msr.h>

/*
 * Entered as <ringscope/abi.h> says, linked at its physical address, so that the IDT entry can be
 * written down: #UD -> handler at RS_GPA_KERNEL + HANDLER.
 *
 *   loop:     ud2               gate exit (the IDT entry of #UD is hooked)
 *   handler:  addq $2, (%rsp)
 *             iretq             site exit
 *             outb %al, $0x80   PIO exit that no device takes
 */
#define HANDLER 0x800
#define BENCH_PORT 0x80
#define VECTOR_UD 6

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
    outb %al, $BENCH_PORT
    jmp 1b
    .size _start, . - _start

    .org HANDLER
    .globl handler
    .type handler, @function
handler:
    addq $2, (%rsp)
    iretq
    .size handler, . - handler

    .data
    .balign 16
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

    .section .note.GNU-stack, "", @progbits
