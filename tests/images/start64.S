/* SPDX-License-Identifier: MIT
 * A flat kernel with the setup header of the Linux/x86 boot protocol: boot sector, one sector of
 * setup that is never run, then the kernel, entered 200h bytes in, 64-bit, RSI = boot parameters. */
#define LOAD_ADDRESS 0x1000000

        .section .header, "a", @progbits
header: .org    header + 0x1f1
        .byte   1                       # setup_sects
        .word   1                       # root_flags
        .long   kernel_paragraphs
        .word   0, 0xffff, 0
        .word   0xaa55                  # boot_flag
        .byte   0xeb, setup_end - 1f    # jump: its second byte tells where the header ends
1:      .ascii  "HdrS"
        .word   0x020f                  # version
        .long   0
        .word   0x1000, 0
        .byte   0                       # type_of_loader
        .byte   1                       # loadflags: LOADED_HIGH
        .word   0
        .long   LOAD_ADDRESS            # code32_start
        .long   0, 0                    # ramdisk
        .long   0
        .word   0
        .byte   0, 0
        .long   0                       # cmd_line_ptr
        .long   0x7fffffff              # initrd_addr_max
        .long   0x200000                # kernel_alignment
        .byte   0, 21
        .word   1                       # xloadflags: XLF_KERNEL_64
        .long   255                     # cmdline_size
        .long   0
        .quad   0
        .long   0, 0
        .quad   0
        .quad   LOAD_ADDRESS            # pref_address
        .long   kernel_size             # init_size
        .long   0
setup_end:
        .org    header + 0x400

        .section .text.start, "ax", @progbits
        .globl  kernel
kernel: .org    kernel + 0x200
        .code64
        leaq    stack + 8192(%rip), %rsp
        xorl    %edi, %edi
        call    selftest                # (0, address of the boot parameters)
1:      hlt
        jmp     1b

        .bss
        .balign 16
stack:  .skip   8192

        .section .note.GNU-stack, "", @progbits
