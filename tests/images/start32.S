/* SPDX-License-Identifier: MIT
 * Entry by Multiboot and by PVH: protected mode, EBX = what the boot loader says. One source, three
 * images: ELF32 with a Multiboot header (neither symbol defined), the same as a flat file whose
 * header has load addresses (ADDRESSES), ELF64 with PVH's note (PVH). */
#define MULTIBOOT_MAGIC 0x1badb002
#ifdef ADDRESSES
#define MULTIBOOT_FLAGS 0x00010003
#else
#define MULTIBOOT_FLAGS 0x00000003
#endif

#ifndef PVH
        .section .header, "a", @progbits
        .balign 4
header: .long   MULTIBOOT_MAGIC, MULTIBOOT_FLAGS, -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)
#ifdef ADDRESSES
        .long   header, image_start, image_load_end, image_end, start
#endif
#endif

        .section .text.start, "ax", @progbits
        .code32
        .globl  start
start:  movl    $stack + 8192, %esp
        pushl   %ebx
        pushl   %eax
        call    selftest                # (loader magic, address of the information)
1:      hlt
        jmp     1b

        .bss
        .balign 16
stack:  .skip   8192

#ifdef PVH
        .section .note.Xen, "a", @note
        .balign 4
        .long   4, 4, 18                # XEN_ELFNOTE_PHYS32_ENTRY
        .asciz  "Xen"
        .long   start
#endif
        .section .note.GNU-stack, "", @progbits
