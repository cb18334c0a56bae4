/* SPDX-License-Identifier: MIT
 * Short pieces of ring-3 code that raise one exception each. */
#ifndef SNIPPETS_H
#define SNIPPETS_H

/*
 * X(name, status, title)
 * snippets.S defines three symbols for each: snippet_NAME, to be called; snippet_NAME_address,
 * what ExceptionAddress must be; snippet_NAME_resume, where a handler lets it go on (it returns
 * from there).
 */
#define SNIPPETS(X)                                                                                \
    X(de, STATUS_INTEGER_DIVIDE_BY_ZERO, "#DE: DIV by zero")                                       \
    X(overflow, STATUS_INTEGER_OVERFLOW, "#DE: quotient of DIV too large")                         \
    X(ud, STATUS_ILLEGAL_INSTRUCTION, "#UD: UD2")                                                  \
    X(lock, STATUS_INVALID_LOCK_SEQUENCE, "#UD: LOCK before an operation on a register")           \
    X(bp, STATUS_BREAKPOINT, "#BP: INT3")                                                          \
    X(gp, STATUS_PRIVILEGED_INSTRUCTION, "#GP: HLT")                                               \
    X(in, STATUS_PRIVILEGED_INSTRUCTION, "#GP: IN")                                                \
    X(wrmsr, STATUS_PRIVILEGED_INSTRUCTION, "#GP: WRMSR")                                          \
    X(noncanonical, STATUS_ACCESS_VIOLATION, "#GP: load from a non-canonical address")             \
    X(pf, STATUS_ACCESS_VIOLATION, "#PF: load from an unmapped address")                           \
    X(write, STATUS_ACCESS_VIOLATION, "#PF: store to read-only memory")                            \
    X(execute, STATUS_ACCESS_VIOLATION, "#PF: jump to memory that is not executable")              \
    X(kernel, STATUS_ACCESS_VIOLATION, "#PF: load from kernel space")                              \
    X(db, STATUS_SINGLE_STEP, "#DB: single step by RFLAGS.TF")                                     \
    X(ac, STATUS_DATATYPE_MISALIGNMENT, "#AC: unaligned load with RFLAGS.AC")                      \
    X(mf, STATUS_FLOAT_DIVIDE_BY_ZERO, "#MF: x87 division by zero")                                \
    X(xm, STATUS_FLOAT_MULTIPLE_TRAPS, "#XM: SSE division by zero")                                \
    X(int4, STATUS_INTEGER_OVERFLOW, "INT 4")                                                      \
    X(int21, STATUS_ACCESS_VIOLATION, "#GP: INT 21h, whose gate has DPL 0")                        \
    X(int2c, STATUS_ASSERTION_FAILURE, "INT 2Ch")                                                  \
    X(int2d, STATUS_BREAKPOINT, "INT 2Dh")                                                         \
    X(int29, STATUS_STACK_BUFFER_OVERRUN, "INT 29h")                                               \
    X(stack, STATUS_ACCESS_VIOLATION, "#PF: PUSH on an unmapped stack")

/* What the addresses of snippets.S are. */
#define SNIPPET_UNMAPPED 0x600000000
#define SNIPPET_NON_CANONICAL 0x8000000000000000
#define SNIPPET_KERNEL 0xfffff80140000000

#ifndef __ASSEMBLER__
#define X(name, status, title)                                                                     \
    void snippet_##name(void);                                                                     \
    extern const char snippet_##name##_address[], snippet_##name##_resume[];
SNIPPETS(X)
#undef X

extern const char snippet_data[];
#endif

#endif
