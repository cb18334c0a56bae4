/* SPDX-License-Identifier: MIT
 * The init process of the emulated host as data: RS_INIT_IMAGE is the path of the executable. */
    .section .rodata
    .balign 16
    .globl rs_init_image, rs_init_image_end
rs_init_image:
    .incbin RS_INIT_IMAGE
rs_init_image_end:
    .section .note.GNU-stack, "", @progbits
