/* SPDX-License-Identifier: MIT
 * console: writes to the console for ever. */

#include "hostile.h"

        guest   console
        mov     $RS_PORT_COM1, %edx
1:      call    random
        outb    %al, %dx
        jmp     1b

        .section .note.GNU-stack, "", @progbits
