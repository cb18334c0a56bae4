/* SPDX-License-Identifier: MIT
 * The event: one fixed-size record of one exit by a hook, and the one table of event kinds. */
#ifndef RINGSCOPE_EVENT_H
#define RINGSCOPE_EVENT_H

#include <stdint.h>

/*
 * X(kind, group, direction, text)
 *   group      filter group: what `-e` calls it (SYSCALL, EXCEPTION, MSR, INTERRUPT)
 *   direction  ENTRY opens a span, RETURN closes one, POINT stands alone
 *   text       first column of a trace line
 */
#define RS_EVENT_KINDS(X)                                                                          \
    X(SYSCALL, SYSCALL, ENTRY, "SYSCALL")                                                          \
    X(SYSRET, SYSCALL, RETURN, "SYSRET")                                                           \
    X(INT_N, EXCEPTION, ENTRY, "INT")                                                              \
    X(EXCEPTION, EXCEPTION, ENTRY, "EXC")                                                          \
    X(NMI, EXCEPTION, ENTRY, "NMI")                                                                \
    X(INTERRUPT, INTERRUPT, ENTRY, "IRQ")                                                          \
    X(IRET, EXCEPTION, RETURN, "IRET")                                                             \
    X(WRMSR, MSR, POINT, "WRMSR")                                                                  \
    X(RDMSR, MSR, POINT, "RDMSR")

enum rs_event_kind {
#define X(kind, group, direction, text) RS_EVENT_##kind,
    RS_EVENT_KINDS(X)
#undef X
    RS_EVENT_KIND_COUNT
};

/* What the checker found, as bits of rs_event.deviations. X(name, text) */
#define RS_DEVIATIONS(X)                                                                           \
    X(SYSCALL_CPL, "SYSCALL did not enter CPL 0: CS and SS are still those of ring 3")             \
    X(INT_N_UD, "INT n raised #UD instead of going through its gate")                              \
    X(INT_N_ERROR_CODE, "INT n on a gate of lower DPL pushed another error code than 8n+2")        \
    X(INT_N_RIP, "INT n on a gate of lower DPL pushed the RIP after the instruction")              \
    X(EMULATION, "the host cannot execute this instruction")                                       \
    X(CS, "CS after the transition")                                                               \
    X(SS, "SS after the transition")                                                               \
    X(RIP, "RIP after the transition")                                                             \
    X(RSP, "RSP after the transition")                                                             \
    X(RFLAGS, "RFLAGS after the transition")                                                       \
    X(FRAME, "frame pushed by the transition")                                                     \
    X(REGISTERS, "RCX or R11 after SYSCALL")                                                       \
    X(RETURN, "state that the return before this transition left")                                 \
    X(MSR_VALUE, "value that the MSR returned")

enum rs_deviation_bit {
#define X(name, text) RS_DEVIATION_BIT_##name,
    RS_DEVIATIONS(X)
#undef X
    RS_DEVIATION_COUNT
};

enum rs_deviation {
#define X(name, text) RS_DEVIATION_##name = 1 << RS_DEVIATION_BIT_##name,
    RS_DEVIATIONS(X)
#undef X
};

#define RS_EVENT_ARGS 12

/*
 * What a trace on disk keeps of each kind, in this order; writer, metadata, reader and
 * docs/trace-format.md come from these lists.
 *   V(type, name, base)  the member `name` of struct rs_event
 *   D(type, name, base)  derived from its members: vmm/trace/ctf/derived.h
 *   A(type, name, base)  the last field of a kind: an array with its length, a u8, before it
 * type is u8, u16, u32 or u64, little-endian; base is how it is shown: DEC, HEX, or by the names of
 * a table (KIND, VECTOR, SERVICE, STATUS, MSR).
 */
#define RS_FIELDS_COMMON(V, D)                                                                     \
    D(u32, handling, DEC)                                                                          \
    V(u16, depth, DEC)                                                                             \
    V(u8, flags, HEX)                                                                              \
    V(u32, deviations, HEX)

#define RS_FIELDS_GATE(V, D)                                                                       \
    V(u8, vector, VECTOR)                                                                          \
    V(u8, gate_type, HEX)                                                                          \
    V(u8, ist, DEC)                                                                                \
    V(u8, from_cpl, DEC)                                                                           \
    V(u64, from_rip, HEX)                                                                          \
    V(u64, from_rsp, HEX)                                                                          \
    V(u64, to_rsp, HEX)

#define RS_FIELDS_ENTRY(V, D)                                                                      \
    V(u8, entry_kind, KIND)                                                                        \
    V(u8, vector, VECTOR)                                                                          \
    V(u32, entry_code, SERVICE)                                                                    \
    D(u32, entry_distance, DEC)                                                                    \
    D(u64, duration, DEC)                                                                          \
    V(u64, to_rip, HEX)

#define RS_FIELDS_ACCESS(V, D)                                                                     \
    V(u32, code, MSR)                                                                              \
    V(u64, value, HEX)                                                                             \
    V(u8, from_cpl, DEC)                                                                           \
    V(u64, from_rip, HEX)

#define RS_FIELDS_SYSCALL(V, D, A) V(u32, code, SERVICE) V(u64, from_rip, HEX) A(u64, args, HEX)
#define RS_FIELDS_SYSRET(V, D, A) V(u32, code, STATUS) RS_FIELDS_ENTRY(V, D)
#define RS_FIELDS_INT_N(V, D, A) RS_FIELDS_GATE(V, D) V(u32, code, SERVICE)
#define RS_FIELDS_EXCEPTION(V, D, A) RS_FIELDS_GATE(V, D) V(u32, error_code, HEX) V(u64, cr2, HEX)
#define RS_FIELDS_NMI(V, D, A) RS_FIELDS_GATE(V, D)
#define RS_FIELDS_INTERRUPT(V, D, A) RS_FIELDS_GATE(V, D)
#define RS_FIELDS_IRET(V, D, A) RS_FIELDS_ENTRY(V, D) V(u8, to_cpl, DEC)
#define RS_FIELDS_WRMSR(V, D, A) RS_FIELDS_ACCESS(V, D)
#define RS_FIELDS_RDMSR(V, D, A) RS_FIELDS_ACCESS(V, D)

/* Bits of rs_event.flags. X(name, bit, text) */
#define RS_EVENT_FLAGS(X)                                                                          \
    X(REPAIRED, 0x01, "the model's state was put into the vCPU")                                   \
    X(HAS_ERROR_CODE, 0x02, "error_code is valid")                                                 \
    X(FROM_GATE_IST, 0x04, "the gate names an IST stack: see ist")                                 \
    X(ARGS_PARTIAL, 0x08, "stack arguments could not be read from guest memory")

enum rs_event_flag {
#define X(name, bit, text) RS_EVENT_##name = (bit),
    RS_EVENT_FLAGS(X)
#undef X
};

/* "from" is the state that the transition left, "to" the one that it entered. */
struct rs_event {
    uint64_t tsc_exit;   /* host TSC when the exit was seen */
    uint64_t tsc_resume; /* host TSC just before the guest ran on */
    uint64_t sequence;   /* counts from 0 in each vCPU, dropped events included */
    uint16_t kind;       /* enum rs_event_kind */
    uint8_t vcpu;
    uint8_t vector; /* INT_N, EXCEPTION, NMI, INTERRUPT */
    uint8_t from_cpl;
    uint8_t to_cpl;
    uint8_t ist;         /* 0 = none */
    uint8_t gate_type;   /* DESC_TYPE_INTERRUPT_GATE or DESC_TYPE_TRAP_GATE; 0 = no gate */
    uint32_t flags;      /* RS_EVENT_* */
    uint32_t deviations; /* RS_DEVIATION_* */
    uint32_t code;       /* SYSCALL: EAX; MSR: index; SYSRET: EAX = NTSTATUS */
    uint32_t error_code; /* exceptions */
    uint16_t from_cs, from_ss, to_cs, to_ss;
    uint64_t from_rip, from_rsp, from_rflags;
    uint64_t to_rip, to_rsp, to_rflags;
    uint64_t cr2; /* #PF */
    uint64_t cr3;
    uint64_t value; /* MSR: the value written or read */
    /* Returns: the entry that this one closes. */
    uint64_t entry_sequence;
    uint64_t entry_tsc;  /* tsc_resume of the entry */
    uint32_t entry_code; /* its code */
    uint16_t entry_kind;
    uint16_t depth;               /* entries open around this event */
    uint64_t args[RS_EVENT_ARGS]; /* SYSCALL: arguments in C order */
};

#endif
