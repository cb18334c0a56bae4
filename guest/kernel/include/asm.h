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

/* clang-format off */
/* For entry code, which has frame.h: R12-R15 to where other threads find them, KTHREAD; and the last
 * thing before ring 3 with more than one processor, processor.h. */
#define STORE_NON_VOLATILE(thread)                                                                 \
    movq %r12, THREAD_NonVolatile + EXCEPTION_R12(thread);                                         \
    movq %r13, THREAD_NonVolatile + EXCEPTION_R13(thread);                                         \
    movq %r14, THREAD_NonVolatile + EXCEPTION_R14(thread);                                         \
    movq %r15, THREAD_NonVolatile + EXCEPTION_R15(thread)

#define UNLOCK_KERNEL                                                                              \
    movb $0, %gs:PCR_ExitWork;                                                                     \
    movl $0, KiKernelLock(%rip)
/* clang-format on */

#define PHYSICAL(symbol) (symbol - (RS_GVA_KERNEL - RS_GPA_KERNEL))

#endif
