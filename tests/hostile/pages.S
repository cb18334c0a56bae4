/* SPDX-License-Identifier: MIT
 * pages: writes over the page tables of the gate window, and the instructions behind it. */

#include "hostile.h"

        guest   pages
        movabs  $RS_GPA_HOOK_RAM, %rdi
        call    map_device
1:      movabs  $RS_GPA_HOOK_RAM, %rdi
        mov     $RS_HOOK_RAM_SIZE / 8, %ecx
2:      call    random
        mov     %rax, (%rdi)
        add     $8, %rdi
        loop    2b
        try     ud2
        jmp     1b

        .section .note.GNU-stack, "", @progbits
