/* SPDX-License-Identifier: MIT
 * spin3: ring 3 spins with interrupts off; ring 0 gave it a frame that says so. */

#include "hostile.h"

        guest   spin3
        call    open_to_ring3
        push    $KGDT64_R3_DATA + 3
        lea     stack_top(%rip), %rax
        push    %rax
        push    $RFLAGS_OFF
        push    $KGDT64_R3_CODE + 3
        lea     1f(%rip), %rax
        push    %rax
        iretq
1:      pause
        jmp     1b

        .section .note.GNU-stack, "", @progbits
