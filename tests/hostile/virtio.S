/* SPDX-License-Identifier: MIT
 * virtio: forges every structure of the virtio device: registers, rings, descriptors. */

#include "hostile.h"

        guest   virtio
        movabs  $RS_GPA_PAGEFILE_DEVICE, %rdi
        call    map_device
        movabs  $RS_GPA_PAGEFILE_DEVICE, %r12
1:      lea     rings(%rip), %rdi
        mov     $1536, %ecx
2:      call    random
        mov     %rax, (%rdi)
        add     $8, %rdi
        loop    2b
        mov     $64, %r13d
3:      call    random /* any register, any value; some of them addresses of the rings */
        mov     %eax, %ecx
        and     $0xfc, %ecx
        shr     $8, %rax
        test    $3, %al
        jnz     4f
        lea     rings(%rip), %rax
4:      mov     %eax, (%r12, %rcx)
        mov     (%r12, %rcx), %eax
        dec     %r13d
        jnz     3b
        lea     handshake(%rip), %rsi /* and now and then in earnest, with rings that are noise */
        mov     $(handshake_end - handshake) / 8, %r13d
5:      lodsl
        mov     %eax, %ecx
        lodsl
        mov     %eax, (%r12, %rcx)
        dec     %r13d
        jnz     5b
        jmp     1b
        .data
        .balign 8
handshake:
        .long   0x70, 0, 0x70, 1, 0x70, 3 /* Status */
        .long   0x24, 1, 0x20, 1, 0x24, 0, 0x20, 0 /* DriverFeatures: VERSION_1 */
        .long   0x70, 11
        .long   0x30, 0, 0x38, 64 /* QueueSel, QueueNum */
        .long   0x80, rings, 0x84, 0, 0x90, rings + 1024, 0x94, 0, 0xa0, rings + 4096, 0xa4, 0
        .long   0x44, 1, 0x70, 15, 0x50, 0, 0x50, 0, 0x50, 0
handshake_end:
        .balign 4096
rings:  .fill   12288, 1, 0

        .section .note.GNU-stack, "", @progbits
