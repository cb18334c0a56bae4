/* SPDX-License-Identifier: MIT
 * mmio: a storm of accesses to devices and to nothing, of each size. */

#include "hostile.h"

        guest   mmio
        movabs  $RS_GPA_PAGEFILE_DEVICE, %rdi
        call    map_device
1:      call    random
        movabs  $RS_GPA_PAGEFILE_DEVICE, %rdi
        mov     %rax, %rcx
        and     $0x1ffff8, %ecx
        add     %rcx, %rdi
        mov     %eax, (%rdi)
        mov     %al, (%rdi)
        mov     %ax, (%rdi)
        mov     %rax, (%rdi)
        mov     (%rdi), %eax
        mov     (%rdi), %al
        mov     7(%rdi), %rax
        jmp     1b

        .section .note.GNU-stack, "", @progbits
