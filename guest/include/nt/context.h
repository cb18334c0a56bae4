/* SPDX-License-Identifier: MIT
 * CONTEXT, EXCEPTION_RECORD and where the kernel puts them on the user stack. */
#ifndef NT_CONTEXT_H
#define NT_CONTEXT_H

/*
 * What KiUserExceptionDispatcher finds, from its RSP up (16-byte aligned):
 *
 *   +000  CONTEXT           4d0
 *   +4d0  CONTEXT_EX        20
 *   +4f0  EXCEPTION_RECORD  98
 *   +590  machine frame     RIP CS EFLAGS RSP SS of the interrupted code
 *   +5c0  (end; the interrupted code's RSP is above, no red zone)
 */
#define EXCEPTION_STACK_CONTEXT 0x000
#define EXCEPTION_STACK_CONTEXT_EX 0x4d0
#define EXCEPTION_STACK_RECORD 0x4f0
#define EXCEPTION_STACK_MACHINE_FRAME 0x590
#define EXCEPTION_STACK_SIZE 0x5c0

#define CONTEXT_AMD64 0x00100000
#define CONTEXT_CONTROL (CONTEXT_AMD64 | 0x01)         /* SegCs SegSs Rip Rsp EFlags */
#define CONTEXT_INTEGER (CONTEXT_AMD64 | 0x02)         /* the other general registers */
#define CONTEXT_SEGMENTS (CONTEXT_AMD64 | 0x04)        /* SegDs SegEs SegFs SegGs */
#define CONTEXT_FLOATING_POINT (CONTEXT_AMD64 | 0x08)  /* FltSave */
#define CONTEXT_DEBUG_REGISTERS (CONTEXT_AMD64 | 0x10) /* Dr0-Dr3 Dr6 Dr7 */
#define CONTEXT_FULL (CONTEXT_AMD64 | 0x0b)            /* CONTROL, INTEGER, FLOATING_POINT */
#define CONTEXT_ALL_REGISTERS (CONTEXT_AMD64 | 0x1f)

/* X(field, offset): those that assembler needs */
#define CONTEXT_OFFSETS(X)                                                                         \
    X(ContextFlags, 0x030)                                                                         \
    X(MxCsr, 0x034)                                                                                \
    X(SegCs, 0x038)                                                                                \
    X(SegDs, 0x03a)                                                                                \
    X(SegEs, 0x03c)                                                                                \
    X(SegFs, 0x03e)                                                                                \
    X(SegGs, 0x040)                                                                                \
    X(SegSs, 0x042)                                                                                \
    X(EFlags, 0x044)                                                                               \
    X(Rax, 0x078)                                                                                  \
    X(Rcx, 0x080)                                                                                  \
    X(Rdx, 0x088)                                                                                  \
    X(Rbx, 0x090)                                                                                  \
    X(Rsp, 0x098)                                                                                  \
    X(Rbp, 0x0a0)                                                                                  \
    X(Rsi, 0x0a8)                                                                                  \
    X(Rdi, 0x0b0)                                                                                  \
    X(R8, 0x0b8)                                                                                   \
    X(R9, 0x0c0)                                                                                   \
    X(R10, 0x0c8)                                                                                  \
    X(R11, 0x0d0)                                                                                  \
    X(R12, 0x0d8)                                                                                  \
    X(R13, 0x0e0)                                                                                  \
    X(R14, 0x0e8)                                                                                  \
    X(R15, 0x0f0)                                                                                  \
    X(Rip, 0x0f8)                                                                                  \
    X(FltSave, 0x100)

#ifdef __ASSEMBLER__
#define X(field, offset) .set CONTEXT_##field, offset;
CONTEXT_OFFSETS(X)
#undef X
#else

#include <nt/types.h>

struct context {
    uint64_t P1Home, P2Home, P3Home, P4Home, P5Home, P6Home;
    uint32_t ContextFlags;
    uint32_t MxCsr;
    uint16_t SegCs, SegDs, SegEs, SegFs, SegGs, SegSs;
    uint32_t EFlags;
    uint64_t Dr0, Dr1, Dr2, Dr3, Dr6, Dr7;
    uint64_t Rax, Rcx, Rdx, Rbx, Rsp, Rbp, Rsi, Rdi;
    uint64_t R8, R9, R10, R11, R12, R13, R14, R15;
    uint64_t Rip;
    uint8_t FltSave[0x200] __attribute__((aligned(16))); /* FXSAVE image */
    uint8_t VectorRegister[26][16];
    uint64_t VectorControl;
    uint64_t DebugControl;
    uint64_t LastBranchToRip, LastBranchFromRip;
    uint64_t LastExceptionToRip, LastExceptionFromRip;
};

#define X(field, offset)                                                                           \
    _Static_assert(offsetof(struct context, field) == (offset), "CONTEXT." #field);
CONTEXT_OFFSETS(X)
#undef X
_Static_assert(sizeof(struct context) == EXCEPTION_STACK_CONTEXT_EX, "CONTEXT");

#define EXCEPTION_NONCONTINUABLE 0x1u
#define EXCEPTION_MAXIMUM_PARAMETERS 15

struct exception_record {
    NTSTATUS ExceptionCode;
    uint32_t ExceptionFlags;
    struct exception_record *ExceptionRecord;
    void *ExceptionAddress;
    uint32_t NumberParameters;
    uint64_t ExceptionInformation[EXCEPTION_MAXIMUM_PARAMETERS];
};

_Static_assert(sizeof(struct exception_record) == 0x98, "EXCEPTION_RECORD");

/* ExceptionInformation[0] of an access violation; [1] is the address. */
#define EXCEPTION_READ_FAULT 0
#define EXCEPTION_WRITE_FAULT 1
#define EXCEPTION_EXECUTE_FAULT 8

/* Offsets and sizes relative to the CONTEXT. */
struct context_chunk {
    int32_t Offset;
    uint32_t Length;
};

struct context_ex {
    struct context_chunk All, Legacy, XState;
    uint64_t Pad;
};

_Static_assert(sizeof(struct context_ex) == EXCEPTION_STACK_RECORD - EXCEPTION_STACK_CONTEXT_EX,
               "CONTEXT_EX");

#endif
#endif
