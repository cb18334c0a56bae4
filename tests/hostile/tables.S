/* SPDX-License-Identifier: MIT
 * tables: points IDT, GDT, TSS at TARGET, and takes an exception. */

#include "hostile.h"

        guest   tables
        movabs  $TARGET, %rax
        mov     $512, %ecx /* so many times that it is no accident */
1:      mov     %rax, register + 2
        try     WHICH register(%rip)
        loop    1b
        ud2
        .data
register:
        .word   0xfff
        .quad   0

        .section .note.GNU-stack, "", @progbits
