/* SPDX-License-Identifier: MIT
 * frames: returns to anything: frames of random selectors, addresses and flags. */

#include "hostile.h"

        guest   frames
1:      lea     stack_top(%rip), %rsp
        sub     $40, %rsp
        call    random
        mov     %rax, (%rsp)
        call    random
        and     $0x7f, %eax
        mov     %rax, 8(%rsp)
        call    random
        and     $~0x20100, %rax /* TF and VM would say nothing new */
        mov     %rax, 16(%rsp)
        call    random
        mov     %rax, 24(%rsp)
        call    random
        and     $0x7f, %eax
        mov     %rax, 32(%rsp)
        lea     1b(%rip), %r15
        iretq

        .section .note.GNU-stack, "", @progbits
