/* SPDX-License-Identifier: MIT
 * ports: every port but those that end the machine, each size, anything. */

#include "hostile.h"

        guest   ports
1:      call    random
        mov     %rax, %rdx
        shr     $16, %rdx
        movzwl  %dx, %edx
        mov     %edx, %ecx
        and     $0xfff0, %ecx
        cmp     $0xf0, %ecx /* debug exit, program exit, bug check */
        je      1b
        cmp     $0x60, %ecx /* the 8042 may reset the machine */
        je      1b
        outb    %al, %dx
        outw    %ax, %dx
        outl    %eax, %dx
        inb     %dx, %al
        inw     %dx, %ax
        inl     %dx, %eax
        jmp     1b

        .section .note.GNU-stack, "", @progbits
