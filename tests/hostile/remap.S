/* SPDX-License-Identifier: MIT
 * remap: remaps IDT, GDT, TSS and LSTAR thousands of times, with a transition after each. */

#include "hostile.h"

        guest   remap
        lea     copy(%rip), %r12
1:      lea     idt(%rip), %rsi
        mov     %r12, %rdi
        mov     $512, %ecx
        rep movsq
        mov     %r12, register + 2
        lidt    register(%rip)
        try     ud2
        lidt    idt_register(%rip)
        try     ud2
        lea     gdt(%rip), %rsi
        lea     4096(%r12), %rdi
        mov     $10, %ecx
        rep movsq
        lea     4096(%r12), %rax
        mov     %rax, register + 2
        lgdt    register(%rip)
        try     ud2
        lgdt    gdt_register(%rip)
        movb    $0x89, gdt + KGDT64_SYS_TSS + 5
        mov     $KGDT64_SYS_TSS, %eax
        ltr     %ax
        mov     $MSR_LSTAR, %ecx
        call    random
        mov     %rax, %rdx
        shr     $32, %rdx
        try     wrmsr /* most are not canonical */
        lea     on_syscall(%rip), %rax
        xor     %edx, %edx
        mov     $MSR_LSTAR, %ecx
        wrmsr
        jmp     1b
        .data
register:
        .word   0xfff
        .quad   0
        .balign 4096
copy:   .fill   8192, 1, 0

        .section .note.GNU-stack, "", @progbits
