/* SPDX-License-Identifier: MIT
 * The firmware of a Bochs machine: reads a kernel from its disk and starts it. 64 KiB, which end
 * at 4 GiB, with the reset vector (SDM Vol. 3A, "First Instruction Executed") 16 bytes below that.
 *
 * Sector 0 of the disk (struct rs_bochs_table) says how many sectors go where; the rest follows
 * from sector 1 on. The kernel is entered by Linux's 32-bit boot protocol
 * (Documentation/x86/boot.rst): flat segments 10h and 18h, ESI at the boot parameters. Nothing
 * else of a PC's firmware is needed: there is no PCI bus, and Linux sets up the other devices.
 */
    .set ROM, 0xffff0000
    .set TABLE, 0x7000
    .set STACK, 0x8000
    .set PARAMETERS, 0x10000
    .set KERNEL, 0x1000000

    .section .rodata
    .balign 16
    .globl rs_bochs_rom
rs_bochs_rom:
    .code16
start:
    cli
    movw $0xf000, %ax
    movw %ax, %ds
    lgdtl descriptor - start
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmpl $0x10, $(ROM + protected - start)

    .code32
protected:
    movw $0x18, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl $STACK, %esp
    movb $2, %al                    # A20 on
    outb %al, $0x92
    movl $0x2ff, %ecx               # IA32_MTRR_DEF_TYPE: enabled, write-back
    movl $0x806, %eax
    xorl %edx, %edx
    wrmsr
    cld
    xorl %ebp, %ebp                 # the next sector
    movl $TABLE, %edi
    movl $1, %ebx
    call read
    movl $TABLE, %esi
next:
    movl (%esi), %edi
    movl 4(%esi), %ebx
    testl %ebx, %ebx
    jz enter
    call read
    addl $8, %esi
    jmp next
enter:
    movl $PARAMETERS, %esi
    xorl %ebp, %ebp
    xorl %edi, %edi
    xorl %ebx, %ebx
    movl $KERNEL, %eax
    jmp *%eax

# EBX sectors from EBP on to EDI, 128 at a time: ATA's READ SECTORS by programmed I/O. All three
# are left behind what was read.
read:
    testl %ebx, %ebx
    jz done
    movl $128, %ecx
    cmpl %ecx, %ebx
    jae 1f
    movl %ebx, %ecx
1:  subl %ecx, %ebx
    movl $0x1f2, %edx
    movb %cl, %al                   # sector count
    outb %al, %dx
    movl %ebp, %eax                 # LBA 7:0, 15:8, 23:16, 27:24
    incl %edx
    outb %al, %dx
    shrl $8, %eax
    incl %edx
    outb %al, %dx
    shrl $8, %eax
    incl %edx
    outb %al, %dx
    shrl $8, %eax
    orb $0xe0, %al
    incl %edx
    outb %al, %dx
    incl %edx
    movb $0x20, %al                 # READ SECTORS
    outb %al, %dx
    addl %ecx, %ebp
sector:
    movl $0x1f7, %edx
2:  inb %dx, %al
    testb $0x80, %al                # BSY
    jnz 2b
    testb $8, %al                   # DRQ
    jz 2b
    pushl %ecx
    movl $0x1f0, %edx
    movl $128, %ecx
    rep insl
    popl %ecx
    loop sector
    jmp read
done:
    ret

    .balign 8
table:
    .quad 0, 0
    .quad 0x00cf9b000000ffff        # 10h: code
    .quad 0x00cf93000000ffff        # 18h: data
descriptor:
    .word 31
    .long ROM + table - start

    .fill 0xfff0 - (. - start), 1, 0
    .code16
    .byte 0xe9                      # JMP start
    .word start - . - 2
    .fill 0x10000 - (. - start), 1, 0
    .section .note.GNU-stack, "", @progbits
