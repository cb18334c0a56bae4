/* SPDX-License-Identifier: MIT
 * lstar: points LSTAR at TARGET, and calls. */

#include "hostile.h"

        guest   lstar
        mov     $MSR_EFER, %ecx
        rdmsr
        or      $1, %eax
        wrmsr
        movabs  $TARGET, %rax
        mov     %rax, %rdx
        shr     $32, %rdx
        mov     $MSR_LSTAR, %ecx
        try     wrmsr
        try     syscall
        mov     $1000, %r12d
1:      try     syscall
        dec     %r12d
        jnz     1b
        ud2
2:      jmp     2b

        .section .note.GNU-stack, "", @progbits
