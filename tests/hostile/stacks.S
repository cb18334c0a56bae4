/* SPDX-License-Identifier: MIT
 * stacks: RSP0 and every IST stack at TARGET; exceptions of ring 3. */

#include "hostile.h"

        guest   stacks
        call    open_to_ring3
        movabs  $TARGET, %rax
        lea     tss(%rip), %rdi
        mov     %rax, 4(%rdi)
        mov     $7, %ecx
1:      mov     %rax, 0x24 - 8(%rdi, %rcx, 8)
        loop    1b
        movb    $1, idt + 16 * VECTOR_UD + 4
        push    $KGDT64_R3_DATA + 3
        push    $0
        push    $RFLAGS_OFF
        push    $KGDT64_R3_CODE + 3
        lea     2f(%rip), %rax
        push    %rax
        iretq
2:      ud2

        .section .note.GNU-stack, "", @progbits
