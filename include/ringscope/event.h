/* SPDX-License-Identifier: MIT
 * The event: one fixed-size record of one exit by a hook, and the one table of event kinds. */
#ifndef RINGSCOPE_EVENT_H
#define RINGSCOPE_EVENT_H

#include <ringscope/x86/vendor.h>
#include <stddef.h>
#include <stdint.h>

/*
 * X(kind, group, direction, text)
 *   group      filter group: what `-e` calls it (SYSCALL, EXCEPTION, MSR, INTERRUPT); MARK: no
 *              transition, but what is needed to understand those around it
 *   direction  ENTRY opens a span, RETURN closes one, POINT stands alone
 *   text       first column of a trace line
 *
 * Marks: CR3 another address space was found at an exit; STATE registers that steer transitions,
 * when they have changed; MEMORY bytes of guest memory, when they are new; CONSOLE what the guest
 * wrote; EXIT a write to a port that ends the run; START, STOP of the run; ARM, DISARM of all
 * hooks; REPAIR, DEVIATION the first of each kind, with what was expected and what was found (the
 * event behind them and all later ones have it in their `deviations`); LOST events that never came.
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
    X(RDMSR, MSR, POINT, "RDMSR")                                                                  \
    X(CR3, MARK, POINT, "CR3")                                                                     \
    X(STATE, MARK, POINT, "STATE")                                                                 \
    X(MEMORY, MARK, POINT, "MEMORY")                                                               \
    X(CONSOLE, MARK, POINT, "CONSOLE")                                                             \
    X(EXIT, MARK, POINT, "EXIT")                                                                   \
    X(START, MARK, POINT, "START")                                                                 \
    X(STOP, MARK, POINT, "STOP")                                                                   \
    X(ARM, MARK, POINT, "ARM")                                                                     \
    X(DISARM, MARK, POINT, "DISARM")                                                               \
    X(REPAIR, MARK, POINT, "REPAIR")                                                               \
    X(DEVIATION, MARK, POINT, "DEPARTS")                                                           \
    X(LOST, MARK, POINT, "LOST")

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

/* The groups of the table. */
enum rs_event_group {
    RS_GROUP_SYSCALL,
    RS_GROUP_EXCEPTION,
    RS_GROUP_INTERRUPT,
    RS_GROUP_MSR,
    RS_GROUP_MARK
};

static inline enum rs_event_group rs_event_group(unsigned kind)
{
    static const uint8_t groups[RS_EVENT_KIND_COUNT] = {
#define X(kind, group, direction, text) RS_GROUP_##group,
        RS_EVENT_KINDS(X)
#undef X
    };

    return kind < RS_EVENT_KIND_COUNT ? (enum rs_event_group)groups[kind] : RS_GROUP_MARK;
}

enum rs_event_direction {
    RS_DIRECTION_ENTRY,
    RS_DIRECTION_RETURN,
    RS_DIRECTION_POINT
};

static inline enum rs_event_direction rs_event_direction(unsigned kind)
{
    static const uint8_t directions[RS_EVENT_KIND_COUNT] = {
#define X(kind, group, direction, text) RS_DIRECTION_##direction,
        RS_EVENT_KINDS(X)
#undef X
    };

    return kind < RS_EVENT_KIND_COUNT ? (enum rs_event_direction)directions[kind]
                                      : RS_DIRECTION_POINT;
}

/* Why a run ends: rs_event.code of STOP. X(name, text) */
#define RS_STOPS(X)                                                                                \
    X(NONE, "still running")                                                                       \
    X(PROGRAM, "the program ended; value: its NTSTATUS")                                           \
    X(DEBUG_EXIT, "write to the debug-exit port; value: what was written")                         \
    X(BUG_CHECK, "bug check; value: its code")                                                     \
    X(CRASH, "the guest or the host cannot go on")                                                 \
    X(INTERRUPTED, "Ctrl-C, SIGTERM or SIGHUP")                                                    \
    X(TIMEOUT, "the time was up")                                                                  \
    X(OUTPUT, "an output could not be written")                                                    \
    X(REACHED, "the point that inspect waits for")                                                 \
    X(POWER_OFF, "the guest switched the machine off")                                             \
    X(RESET, "the guest reset the machine")                                                        \
    X(SANDBOX, "a thread made a system call that it never makes; value: its number")               \
    X(READY, "the kernel waits for its program")                                                   \
    X(BUDGET, "a budget was used up")

enum rs_stop_kind {
#define X(name, text) RS_STOP_##name,
    RS_STOPS(X)
#undef X
};

/* What the bytes of a MEMORY event are. X(name, text) */
#define RS_PURPOSES(X)                                                                             \
    X(TABLE, "entry of the IDT, GDT, LDT or TSS that a transition read")                           \
    X(INSTRUCTION, "instruction that raised an exception")                                         \
    X(ARGUMENT, "what an argument of the next system call points to")                              \
    X(RESULT, "what an argument of the next return pointed to")

enum rs_purpose {
#define X(name, text) RS_PURPOSE_##name,
    RS_PURPOSES(X)
#undef X
};

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
#define RS_EVENT_DATA_MAX 128 /* bytes; what is longer takes several events */

/*
 * What a trace on disk keeps of each kind, in this order; writer, metadata, reader and
 * docs/trace-format.md come from these lists.
 *   V(type, name, base)  the member `name` of struct rs_event
 *   D(type, name, base)  derived from its members: vmm/trace/ctf/derived.h
 *   A(type, name, base)  an array with its length, a u8, before it: put_NAME() and get_NAME() of
 *                        the encoder and the decoder
 *
 * type is u8, u16, u32 or u64, little-endian; base is how it is shown: DEC, HEX, or by the names of
 * a table (KIND, VECTOR, SERVICE, STATUS, MSR, DEVIATION, STOP, PURPOSE, VENDOR).
 */
#define RS_FIELDS_COMMON(V, D)                                                                     \
    D(u32, handling, DEC)                                                                          \
    V(u16, depth, DEC)                                                                             \
    V(u8, flags, HEX)                                                                              \
    V(u16, deviations, HEX)

/* The state that a transition left. */
#define RS_FIELDS_FROM(V, D)                                                                       \
    V(u64, from_rip, HEX)                                                                          \
    V(u32, from_rflags, HEX)                                                                       \
    V(u16, from_cs, HEX)

#define RS_FIELDS_GATE(V, D)                                                                       \
    V(u8, vector, VECTOR)                                                                          \
    V(u8, gate_type, HEX)                                                                          \
    V(u8, ist, DEC)                                                                                \
    RS_FIELDS_FROM(V, D)                                                                           \
    V(u16, from_ss, HEX)                                                                           \
    V(u64, from_rsp, HEX)                                                                          \
    V(u64, to_rsp, HEX)

/* A return: the entry that it closes, and the state that it goes to. */
#define RS_FIELDS_RETURN(V, D)                                                                     \
    V(u8, entry_kind, KIND)                                                                        \
    V(u8, vector, VECTOR)                                                                          \
    V(u32, entry_code, SERVICE)                                                                    \
    V(u8, entry_vcpu, DEC)                                                                         \
    D(u32, entry_distance, DEC)                                                                    \
    D(u64, duration, DEC)                                                                          \
    V(u64, to_rip, HEX)                                                                            \
    V(u32, to_rflags, HEX)                                                                         \
    V(u16, to_cs, HEX)                                                                             \
    V(u64, to_rsp, HEX)

#define RS_FIELDS_ACCESS(V, D)                                                                     \
    V(u32, code, MSR)                                                                              \
    V(u64, value, HEX)                                                                             \
    RS_FIELDS_FROM(V, D)

#define RS_FIELDS_FINDING(V, D)                                                                    \
    V(u32, code, DEVIATION)                                                                        \
    V(u8, entry_kind, KIND)                                                                        \
    V(u8, vector, VECTOR)                                                                          \
    V(u64, expected, HEX)                                                                          \
    V(u64, actual, HEX)

/* Of each argument the low 32 bits; of those in args_wide, first to last, the high ones. */
#define RS_FIELDS_SYSCALL(V, D, A)                                                                 \
    V(u32, code, SERVICE)                                                                          \
    RS_FIELDS_FROM(V, D)                                                                           \
    V(u64, from_rsp, HEX) D(u16, args_wide, HEX) A(u32, args, HEX) A(u32, args_high, HEX)
#define RS_FIELDS_SYSRET(V, D, A) V(u32, code, STATUS) RS_FIELDS_RETURN(V, D)
#define RS_FIELDS_INT_N(V, D, A) RS_FIELDS_GATE(V, D) V(u32, code, SERVICE)
#define RS_FIELDS_EXCEPTION(V, D, A) RS_FIELDS_GATE(V, D) V(u32, error_code, HEX) V(u64, cr2, HEX)
#define RS_FIELDS_NMI(V, D, A) RS_FIELDS_GATE(V, D)
#define RS_FIELDS_INTERRUPT(V, D, A) RS_FIELDS_GATE(V, D)
#define RS_FIELDS_IRET(V, D, A) RS_FIELDS_RETURN(V, D) V(u16, to_ss, HEX)
#define RS_FIELDS_WRMSR(V, D, A) RS_FIELDS_ACCESS(V, D)
#define RS_FIELDS_RDMSR(V, D, A) RS_FIELDS_ACCESS(V, D)
#define RS_FIELDS_CR3(V, D, A) V(u64, cr3, HEX) V(u64, value, HEX)
#define RS_FIELDS_STATE(V, D, A)                                                                   \
    V(u64, star, HEX)                                                                              \
    V(u64, lstar, HEX)                                                                             \
    V(u64, cstar, HEX)                                                                             \
    V(u64, fmask, HEX)                                                                             \
    V(u64, efer, HEX)                                                                              \
    V(u64, cr0, HEX)                                                                               \
    V(u64, cr4, HEX)                                                                               \
    V(u64, gdt_base, HEX)                                                                          \
    V(u64, idt_base, HEX)                                                                          \
    V(u64, tr_base, HEX)                                                                           \
    V(u32, gdt_limit, HEX)                                                                         \
    V(u32, idt_limit, HEX)                                                                         \
    V(u32, tr_limit, HEX)                                                                          \
    V(u16, tr_selector, HEX)
#define RS_FIELDS_MEMORY(V, D, A)                                                                  \
    V(u8, purpose, PURPOSE) V(u8, index, DEC) V(u64, value, HEX) A(u8, data, HEX)
#define RS_FIELDS_CONSOLE(V, D, A) A(u8, data, HEX)
#define RS_FIELDS_EXIT(V, D, A) V(u32, code, HEX) V(u64, value, HEX)
#define RS_FIELDS_START(V, D, A) V(u32, code, VENDOR) V(u64, value, DEC)
#define RS_FIELDS_STOP(V, D, A) V(u32, code, STOP) V(u64, value, HEX)
#define RS_FIELDS_ARM(V, D, A)
#define RS_FIELDS_DISARM(V, D, A)
#define RS_FIELDS_REPAIR(V, D, A) RS_FIELDS_FINDING(V, D)
#define RS_FIELDS_DEVIATION(V, D, A) RS_FIELDS_FINDING(V, D)
#define RS_FIELDS_LOST(V, D, A) V(u64, value, DEC)

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
    uint32_t code;       /* SYSCALL: EAX; MSR: index; SYSRET: EAX = NTSTATUS; EXIT: port;
                            START: enum rs_vendor; STOP: enum rs_stop_kind; REPAIR, DEVIATION: enum
                            rs_deviation_bit */
    uint32_t error_code; /* exceptions */
    uint16_t from_cs, from_ss, to_cs, to_ss;
    uint64_t from_rip, from_rsp, from_rflags;
    uint64_t to_rip, to_rsp, to_rflags;
    uint64_t cr2; /* #PF */
    uint64_t cr3;
    uint64_t value; /* MSR: the value written or read; CR3: the one before; MEMORY: its address;
                       EXIT, STOP: see there; START: empty span in ticks; LOST: how many */
    /* Returns: the entry that this one closes. */
    uint64_t entry_sequence;
    uint64_t entry_tsc;  /* tsc_resume of the entry */
    uint32_t entry_code; /* its code */
    uint16_t entry_kind; /* REPAIR, DEVIATION: the transition's kind */
    uint16_t depth;      /* entries open around this event */
    uint8_t entry_vcpu;  /* of the entry: its thread may have moved since */
    uint8_t purpose;     /* MEMORY: enum rs_purpose */
    uint8_t index;       /* MEMORY: which argument, from 0 */
    uint8_t data_size;   /* CONSOLE, MEMORY */
    /* Only what the kind has is filled. */
    union {
        uint64_t args[RS_EVENT_ARGS]; /* SYSCALL: arguments in C order */
        uint8_t data[RS_EVENT_DATA_MAX];
        struct { /* STATE */
            uint64_t star, lstar, cstar, fmask, efer, cr0, cr4, gdt_base, idt_base, tr_base;
            uint32_t gdt_limit, idt_limit, tr_limit;
            uint16_t tr_selector;
        };
        struct { /* REPAIR, DEVIATION */
            uint64_t expected, actual;
        };
    };
};

/* What lies before the union: all that a kind without it has. */
#define RS_EVENT_FIXED_SIZE offsetof(struct rs_event, args)

/* Ticks from an entry to this return, less what an empty span takes (see docs/trace-format.md). */
static inline uint64_t rs_event_span(const struct rs_event *event, uint64_t empty_span)
{
    uint64_t ticks = event->tsc_exit - event->entry_tsc;

    return ticks > empty_span ? ticks - empty_span : 0;
}

#endif
