/* SPDX-License-Identifier: MIT
 * Where a hostile guest starts: descriptor tables, a handler for every vector, hooks armed. Then
 * `hostile`, which never returns. */

#include "hostile.h"

/*
 * Entered as <ringscope/abi.h> says, linked at its physical address, so that IDT entries can be
 * written down. Whatever is delivered goes on at the address in R15: an exception is survived by
 *
 *      try     instruction
 *
 * RBX is the state of `random`, which returns in RAX. A machine that is not survived is a triple
 * fault: exit code 122.
 */
        .text
        .globl _start
        .type _start, @function
_start:
        mov     %rdi, boot_info(%rip)
        lea     stack_top(%rip), %rsp
        lea     tss(%rip), %rax /* below 16 MiB */
        mov     %eax, gdt + KGDT64_SYS_TSS + 2
        movb    $0x89, gdt + KGDT64_SYS_TSS + 5
        lgdt    gdt_register(%rip)
        lidt    idt_register(%rip)
        mov     $KGDT64_SYS_TSS, %eax
        ltr     %ax
        mov     $MSR_LSTAR, %ecx /* an MSR exit: the IDT is hooked from here on */
        lea     on_syscall(%rip), %rax
        mov     %rax, %rdx
        shr     $32, %rdx
        wrmsr
        movabs  $0x9e3779b97f4a7c15, %rbx
        jmp     hostile
        .size _start, . - _start

        .globl on_syscall
on_syscall:
        jmp     *%r15

/* xorshift64. */
        .globl random
        .type random, @function
random:
        mov     %rbx, %rax
        shl     $13, %rax
        xor     %rax, %rbx
        mov     %rbx, %rax
        shr     $7, %rax
        xor     %rax, %rbx
        mov     %rbx, %rax
        shl     $17, %rax
        xor     %rax, %rbx
        mov     %rbx, %rax
        ret
        .size random, . - random

/* Ring 3 may use the first GiB: U in every entry of the boot tables that maps it. Clobbers RAX, RCX,
 * RDX. */
        .globl open_to_ring3
        .type open_to_ring3, @function
open_to_ring3:
        mov     %cr3, %rdx
        orq     $PTE_U, (%rdx)
        mov     (%rdx), %rdx
        and     $~0xfff, %rdx
        orq     $PTE_U, (%rdx)
        mov     (%rdx), %rdx
        and     $~0xfff, %rdx
        mov     $512, %ecx
1:      orq     $PTE_U, (%rdx)
        add     $8, %rdx
        loop    1b
        mov     %cr3, %rdx
        mov     %rdx, %cr3
        ret
        .size open_to_ring3, . - open_to_ring3

/* Maps the 2 MiB at `GPA` RDI, below 4 GiB, to itself: three tables of the image's own are hung into
 * the boot tables. Clobbers RAX, RCX, RDX. */
        .globl map_device
        .type map_device, @function
map_device:
        mov     %cr3, %rdx
        mov     (%rdx), %rdx
        and     $~0xfff, %rdx
        mov     %rdi, %rcx
        shr     $30, %rcx
        lea     device_tables(%rip), %rax
        or      $(PTE_P | PTE_W | PTE_U), %rax
        mov     %rax, (%rdx, %rcx, 8)
        lea     device_tables(%rip), %rdx
        mov     %rdi, %rcx
        shr     $21, %rcx
        and     $511, %rcx
        mov     %rdi, %rax
        and     $~0x1fffff, %rax
        or      $(PTE_P | PTE_W | PTE_U | PTE_PS), %rax
        mov     %rax, (%rdx, %rcx, 8)
        mov     %cr3, %rdx
        mov     %rdx, %cr3
        ret
        .size map_device, . - map_device

/* 16 bytes for each vector. */
        .org    STUBS
stubs:
        .set    vector, 0
        .rept   256
        .balign 16
        .if     vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21
        add     $8, %rsp
        .endif
        jmp     on_vector
        .set    vector, vector + 1
        .endr
        .balign 16
on_vector:
        mov     %r15, (%rsp)
        iretq

        .data
        .balign 4096
        .globl device_tables
device_tables:
        .fill   512, 8, 0
        .globl idt
idt:
        .set    vector, 0
        .rept   256
        .word   STUBS + 16 * vector, KGDT64_R0_CODE, 0xee00, RS_GPA_KERNEL >> 16
        .quad   0
        .set    vector, vector + 1
        .endr
        .globl idt_end
idt_end:
        .globl gdt
gdt:
        .quad   0, 0
        .quad   0x00209b0000000000 /* KGDT64_R0_CODE */
        .quad   0x0040930000000000 /* KGDT64_R0_DATA */
        .quad   0x00cffb000000ffff /* KGDT64_R3_CMCODE */
        .quad   0x00cff3000000ffff /* KGDT64_R3_DATA */
        .quad   0x0020fb0000000000 /* KGDT64_R3_CODE */
        .quad   0
        .quad   103, 0 /* KGDT64_SYS_TSS; its base is written at the start */
        .globl gdt_end
gdt_end:
        .globl gdt_register, idt_register
gdt_register:
        .word   gdt_end - gdt - 1
        .quad   gdt
idt_register:
        .word   idt_end - idt - 1
        .quad   idt
        .globl boot_info
boot_info: /* where <ringscope/abi.h> has it */
        .quad   0
        .balign 16
        .globl tss
tss:
        .long   0
        .quad   ring0_stack_top
        .fill   92, 1, 0
        .balign 16
        .fill   4096, 1, 0
ring0_stack_top:
        .fill   4096, 1, 0
        .globl stack_top
stack_top:

        .section .note.GNU-stack, "", @progbits
