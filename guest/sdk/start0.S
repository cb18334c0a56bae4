/* SPDX-License-Identifier: MIT
 * The start of a bare test: stack, tables, main; and how faults come back. */

#include <ringscope/layout.h>

/* Entered by ringscope as <ringscope/abi.h> says: 64-bit mode, CPL 0, RDI = boot information. */
        .section .text.start, "ax", @progbits
        .globl  _start
_start: leaq    stack_top(%rip), %rsp
        xorl    %ebp, %ebp
        lgdt    gdt_pointer(%rip)
        callq   test_start              # (boot information), does not return
        ud2

/*
 * One stub for each vector that the SDM defines, 16 bytes each: an error code if the processor has
 * pushed none, the vector, and on. From RSP up: struct test_registers.
 */
        .text
        .globl  test_stubs
        .balign 16
test_stubs:
        .set    vector, 0
        .rept   32
        .balign 16
        .if     !((0x60227d00 >> vector) & 1)  /* 8, 10 to 14, 17, 21, 29, 30 have one */
        pushq   $0
        .endif
        pushq   $vector
        jmp     test_common
        .set    vector, vector + 1
        .endr

        .type   test_common, @function  # so that its IRETQ is found
test_common:
        .irp    register, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
        pushq   %\register
        .endr
        cld
        movq    %rsp, %rdi
        callq   test_trap               # (struct test_registers *)
        .irp    register, r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax
        popq    %\register
        .endr
        addq    $16, %rsp
        iretq
        .size   test_common, . - test_common

        .section .rodata, "a", @progbits
        .balign 8
gdt:    .quad   0, 0, 0x00af9a000000ffff, 0x00cf92000000ffff  # 0x10 code, 0x18 data
        .skip   6
gdt_pointer:
        .word   gdt_pointer - 6 - gdt - 1
        .quad   gdt

        .bss
        .balign 16
        .skip   0x4000
stack_top:
        .section .note.GNU-stack, "", @progbits
