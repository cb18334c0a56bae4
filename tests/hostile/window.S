/* SPDX-License-Identifier: MIT
 * window: finds the gate window in its own IDT, and jumps all over it. */

#include "hostile.h"

        guest   window
1:      mov     idt + 16 * VECTOR_UD + 8, %rdi
        shl     $32, %rdi
        mov     idt + 16 * VECTOR_UD + 4, %eax
        and     $0xffff0000, %eax
        or      %rax, %rdi
        movzwl  idt + 16 * VECTOR_UD, %eax
        or      %rax, %rdi
        call    random
        and     $0xfff, %eax
        add     %rax, %rdi
        try     call *%rdi
        jmp     1b

        .section .note.GNU-stack, "", @progbits
