/* SPDX-License-Identifier: MIT
 * What the hostile guests share: frame.S says what it gives. */
#ifndef RINGSCOPE_TESTS_HOSTILE_H
#define RINGSCOPE_TESTS_HOSTILE_H

#include <ringscope/abi.h>
#include <ringscope/layout.h>
#include <ringscope/x86/msr.h>

#define STUBS 0x1000 /* from RS_GPA_KERNEL */
#define VECTOR_UD 6
#define RFLAGS_OFF 0x3002 /* IOPL 3, IF 0 */

/* clang-format off */
/* An instruction that may raise anything: what is delivered goes on behind it. */
.macro try instruction:vararg
        lea     9f(%rip), %r15
        \instruction
9:
.endm

.macro guest name
        .text
        .globl hostile
        .type hostile, @function
hostile:
.endm

/* clang-format on */

#endif
