/* SPDX-License-Identifier: MIT
 * Function symbols for assembler files, and the physical address of a kernel symbol. */
#ifndef KERNEL_ASM_H
#define KERNEL_ASM_H

#include <ringscope/layout.h>
#include <ringscope/nt/status.h>

#define X(name, value) .set name, value;
RS_NTSTATUSES(X)
#undef X

#define FUNCTION(name)                                                                             \
    .globl name;                                                                                   \
    .type name, @function;                                                                         \
    name:

#define END_FUNCTION(name) .size name, .- name

/* A second name inside a function, for the debugger and for jumps from elsewhere. */
#define LABEL(name)                                                                                \
    .globl name;                                                                                   \
    name:

#define PHYSICAL(symbol) (symbol - (RS_GVA_KERNEL - RS_GPA_KERNEL))

#endif
