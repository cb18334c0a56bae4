/* SPDX-License-Identifier: MIT
 * stamps: forges the page that `bench` measures with: the head, the records, what was asked for. Then
 * hands it over, again and again. */

#include "hostile.h"

        guest   stamps
        mov     boot_info(%rip), %rdi
        mov     RS_BOOT_INFO_STAMPS(%rdi), %r12
        mov     RS_BOOT_INFO_STAMPS + 8(%rdi), %r13
        test    %r12, %r12
        jnz     1f
        lea     page(%rip), %r12 /* `bench` alone has one; a page of our own */
        mov     $0x1000, %r13d
1:      mov     %r12, %rdi /* noise, all over it */
        mov     %r13, %rcx
        shr     $3, %rcx
2:      call    random
        mov     %rax, (%rdi)
        add     $8, %rdi
        loop    2b
        mov     $3, %r14d
3:      call    random /* heads that lie in every field: that there are more records than there is room for */
        mov     %rax, (%r12)
        movl    $-1, 8(%r12)
        movl    $0, 12(%r12)
        mov     %eax, 20(%r12)
        test    $1, %al
        jz      4f
        mov     %eax, 8(%r12)
4:      rdtsc /* and a record that nearly makes sense */
        shl     $32, %rdx
        or      %rdx, %rax
        mov     %rax, 64(%r12)
        mov     %eax, %eax
        mov     %rax, 72(%r12)
        mov     $RS_PORT_STAMPS, %edx
        call    random
        out     %eax, %dx
        in      %dx, %eax
        out     %al, %dx
        out     %ax, %dx
        dec     %r14d
        jnz     3b
        jmp     1b
        .data
        .balign 4096
page:   .fill   4096, 1, 0

        .section .note.GNU-stack, "", @progbits
