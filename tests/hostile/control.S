/* SPDX-License-Identifier: MIT
 * control: changes CR3, CR4, CR0 and EFER with hooks armed, a transition after each. */

#include "hostile.h"

        guest   control
        mov     %cr3, %rsi
        mov     %rsi, %r13
        lea     root(%rip), %rdi
        mov     $ENTRIES, %ecx /* 256: without the half that the window is in */
        rep movsq
        lea     root(%rip), %r12
1:      mov     %r12, %cr3
        try     ud2
        mov     %r13, %cr3
        try     ud2
        mov     %cr4, %rax
        xor     $CR4_PGE | CR4_TSD, %rax
        try     mov %rax, %cr4
        try     ud2
        call    random
        try     mov %rax, %cr4 /* most bits are reserved */
        mov     $CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT, %eax
        mov     %rax, %cr4
        mov     %cr0, %rax
        xor     $CR0_WP, %rax
        mov     %rax, %cr0
        try     ud2
        mov     $MSR_EFER, %ecx
        rdmsr
        xor     $1, %eax
        wrmsr
        try     ud2
        rdmsr
        xor     $EFER_LME, %eax /* #GP: paging is on */
        try     wrmsr
        jmp     1b
        .data
        .balign 4096
root:   .fill   512, 8, 0

        .section .note.GNU-stack, "", @progbits
