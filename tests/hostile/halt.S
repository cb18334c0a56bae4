/* SPDX-License-Identifier: MIT
 * halt: waits for an interrupt that cannot come. */

#include "hostile.h"

        guest   halt
        cli
1:      hlt
        jmp     1b

        .section .note.GNU-stack, "", @progbits
