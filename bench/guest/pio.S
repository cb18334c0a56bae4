/* SPDX-License-Identifier: MIT
 * The guest of bench-trace: PIO exits that no device takes, and nothing else. */

#define BENCH_PORT 0x80

    .text
    .globl _start
    .type _start, @function
_start:
    outb %al, $BENCH_PORT
    jmp _start
    .size _start, . - _start

    .section .note.GNU-stack, "", @progbits
