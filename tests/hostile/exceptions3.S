/* SPDX-License-Identifier: MIT
 * exceptions3: a storm of exceptions of ring 3, interrupts off. */

#include "hostile.h"

        guest   exceptions3
        call    open_to_ring3
1:      lea     1b(%rip), %r15 /* the handler is ring 0, and begins again here */
        lea     stack_top(%rip), %rsp
        push    $KGDT64_R3_DATA + 3
        lea     stack_top(%rip), %rax
        push    %rax
        push    $RFLAGS_OFF
        push    $KGDT64_R3_CODE + 3
        lea     2f(%rip), %rax
        push    %rax
        iretq
2:      ud2

        .section .note.GNU-stack, "", @progbits
