/* SPDX-License-Identifier: MIT
 * msrs: reads and writes every MSR, anything. */

#include "hostile.h"

        guest   msrs
1:      call    random
        mov     %eax, %ecx
        and     $0x1fff, %ecx
        bt      $40, %rax
        jnc     2f
        or      $0xc0000000, %ecx
2:      mov     %rax, %rdx
        shr     $32, %rdx
        try     rdmsr
        call    random
        try     wrmsr
        mov     $MSR_EFER, %ecx /* long mode must stay */
        mov     $EFER_LME | EFER_LMA | EFER_NXE, %eax
        xor     %edx, %edx
        try     wrmsr
        try     ud2
        jmp     1b

        .section .note.GNU-stack, "", @progbits
