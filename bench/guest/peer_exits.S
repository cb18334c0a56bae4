/* SPDX-License-Identifier: MIT
 * The guest of bench/peers: what a PIO and an MMIO exit cost under any VMM that boots PVH images. */

/*
 * Entered in 32-bit mode without paging (Xen's "x86/HVM direct boot ABI"). Blocks of exits that no
 * device answers, alternating; for each a line on the serial port: P or M, and the TSC ticks of the
 * block in hexadecimal. Then it ends by the debug exit.
 */
#define BLOCKS 150
#define EXITS 200 /* in a block; peers.py knows it, too */
#define SILENT_PORT 0x2f0
#define SILENT_ADDRESS 0xd0100000
#define COM1 0x3f8
#define DEBUG_EXIT 0xf4
#define NOTE_PHYS32_ENTRY 18 /* XEN_ELFNOTE_PHYS32_ENTRY */

    .code32
    .text
    .globl _start, pvh_start
    .type pvh_start, @function
_start:
pvh_start:
    mov $stack_top, %esp
    mov $BLOCKS, %ebp
1:  call start_block
2:  mov $SILENT_PORT, %dx
    outb %al, %dx
    dec %edi
    jnz 2b
    mov $'P', %bl
    call end_block
    call start_block
3:  mov SILENT_ADDRESS, %eax
    dec %edi
    jnz 3b
    mov $'M', %bl
    call end_block
    dec %ebp
    jnz 1b
    xor %eax, %eax
    mov $DEBUG_EXIT, %dx
    outl %eax, %dx
4:  hlt
    jmp 4b
    .size pvh_start, . - pvh_start

/* EDI = exits, ESI = the time. */
    .type start_block, @function
start_block:
    mov $EXITS, %edi
    lfence
    rdtsc
    mov %eax, %esi
    ret
    .size start_block, . - start_block

/* BL = letter. Blocks take less than 2^32 ticks. */
    .type end_block, @function
end_block:
    lfence
    rdtsc
    sub %esi, %eax
    mov %eax, %esi
    mov %bl, %al
    call put
    mov $8, %ecx
1:  rol $4, %esi
    mov %esi, %eax
    and $15, %eax
    movzbl digits(%eax), %eax
    call put
    dec %ecx
    jnz 1b
    mov $'\n', %al
    call put
    ret
    .size end_block, . - end_block

    .type put, @function
put:
    mov $COM1, %dx
    outb %al, %dx
    ret
    .size put, . - put

    .data
digits:
    .ascii "0123456789abcdef"
    .balign 16
    .fill 1024, 1, 0
stack_top:

    .section .note.pvh, "a", @note
    .balign 4
    .long 4, 8, NOTE_PHYS32_ENTRY
    .asciz "Xen"
    .quad pvh_start

    .section .note.GNU-stack, "", @progbits
