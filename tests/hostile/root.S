/* SPDX-License-Identifier: MIT
 * root: loads CR3 with TARGET, and with anything. */

#include "hostile.h"

        guest   root
        movabs  $TARGET, %rax
        mov     %rax, %cr3
        ud2
1:      jmp     1b

        .section .note.GNU-stack, "", @progbits
