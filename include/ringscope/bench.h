/* SPDX-License-Identifier: MIT
 * What the guest program `bench` and the kernel beneath it can time: one table for both sides. */
#ifndef RINGSCOPE_BENCH_H
#define RINGSCOPE_BENCH_H

/*
 * X(name, ring, what one record spans)
 *   ring  where the stamps are taken: 3 in the program, 0 in the kernel (SysDbgMeasure)
 */
#define RS_OPERATIONS(X)                                                                           \
    X(NONE, 3, "nothing is asked for: the program ends")                                           \
    X(EMPTY, 3, "two stamps, one after the other")                                                 \
    X(LOOP, 3, "`parameter` turns of DEC and JNZ")                                                 \
    X(SYSCALL, 3, "SYSCALL to a service that does nothing")                                        \
    X(SYSCALL_1, 3, "the same with 1 argument")                                                    \
    X(SYSCALL_4, 3, "4 arguments, all in registers")                                               \
    X(SYSCALL_8, 3, "8 arguments, 4 of them copied from the stack")                                \
    X(SYSCALL_12, 3, "12 arguments, 8 of them copied")                                             \
    X(SYSCALL_TABLE_1, 3, "a service of the second table")                                         \
    X(SYSCALL_INVALID, 3, "an index beyond the table")                                             \
    X(SYSCALL_SPIN, 3, "a service that spins for `parameter` ticks")                               \
    X(INT_2E, 3, "INT 2E to a service that does nothing")                                          \
    X(PHASES, 3, "as SYSCALL, with a stamp at each point of RS_SYSCALL_POINTS")                    \
    X(PHASES_IRET, 3, "the same, back by IRETQ")                                                   \
    X(EXCEPTION_UD, 3, "#UD, handled in ring 3; point 1: the handler")                             \
    X(EXCEPTION_BP, 3, "#BP")                                                                      \
    X(EXCEPTION_DE, 3, "#DE")                                                                      \
    X(EXCEPTION_PF, 3, "#PF on a page without access")                                             \
    X(EXCEPTION_DB, 3, "#DB of one single step")                                                   \
    X(PF_SERVED, 3, "#PF of a page's first use")                                                   \
    X(SWITCH, 3, "to another thread and back: two switches, two calls")                            \
    X(STAMP_0, 0, "two stamps of entry code, one after the other")                                 \
    X(EMPTY_0, 0, "two stamps of C code, one after the other")                                     \
    X(LOOP_0, 0, "`parameter` turns of DEC and JNZ")                                               \
    X(IPI, 0, "an interrupt to this processor; point 1: in what it has queued")                    \
    X(TIMER, 0, "the one-shot timer, from arming it with a count of 1")                            \
    X(NMI, 0, "an NMI to this processor")                                                          \
    X(CR3, 0, "MOV to CR3 of the same value")                                                      \
    X(CR3_NO_FLUSH, 0, "the same with bit 63: nothing is flushed")                                 \
    X(RDMSR, 0, "RDMSR of KERNEL_GS_BASE")                                                         \
    X(WRMSR, 0, "WRMSR of KERNEL_GS_BASE")                                                         \
    X(RDMSR_LSTAR, 0, "RDMSR of LSTAR")                                                            \
    X(WRMSR_LSTAR, 0, "WRMSR of LSTAR")                                                            \
    X(CPUID, 0, "CPUID")                                                                           \
    X(PIO, 0, "OUT to a port that nothing answers")                                                \
    X(MMIO, 0, "a 32-bit load where no memory is")

enum rs_operation {
#define X(name, ring, text) RS_OPERATION_##name,
    RS_OPERATIONS(X)
#undef X
    RS_OPERATION_COUNT
};

/* Of the kernel's NtSystemDebugControl: a service that spins, and tells how long (SysDbgSpin). */
#define RS_SPIN_COMMAND 0x52530015u

#endif
