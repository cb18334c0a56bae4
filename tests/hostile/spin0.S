/* SPDX-License-Identifier: MIT
 * spin0: ring 0 spins with interrupts off. */

#include "hostile.h"

        guest   spin0
        cli
1:      pause
        jmp     1b

        .section .note.GNU-stack, "", @progbits
