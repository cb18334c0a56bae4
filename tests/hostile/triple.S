/* SPDX-License-Identifier: MIT
 * triple: a triple fault. */

#include "hostile.h"

        guest   triple
        lidt    zero(%rip)
        ud2
        .data
zero:   .quad   0, 0

        .section .note.GNU-stack, "", @progbits
