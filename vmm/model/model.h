/* SPDX-License-Identifier: MIT
 * The model: what the SDM says that a privilege transition does, as pure functions. */
#ifndef RINGSCOPE_MODEL_H
#define RINGSCOPE_MODEL_H

#include <ringscope/x86/vendor.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * (state before, descriptor tables, cause) -> state after and what was pushed. No KVM, no I/O and
 * no state of its own: every function is total, for any state and any descriptor bytes.
 *
 * Scope: IA-32e mode (EFER.LMA = 1), 64-bit handlers. Memory is read through the caller's
 * function; a read that fails yields the outcome RS_MODEL_FAULT with #PF, or, during delivery,
 * what the double-fault rules make of it. A frame is not written: the model reads where it would
 * be pushed, and takes a failure as the #PF of the write.
 *
 * Not modelled: shadow stacks, FRED, VMX, #AC on a misaligned IRET frame, the segments DS, ES, FS
 * and GS (IRET may null them), page rights beyond "not mapped", and RF = 1 in the image that an
 * interrupt pushes between two iterations of a string instruction.
 */

/* A segment register with its hidden part, as KVM and the SDM have it. */
struct rs_segment {
    uint64_t base;
    uint32_t limit; /* bytes - 1, scaled by G already */
    uint16_t selector;
    uint8_t type; /* 4 bits */
    bool s, p, l, db, g, unusable;
    uint8_t dpl;
};

struct rs_table_register {
    uint64_t base;
    uint16_t limit;
};

/* The SDM's encoding order. */
// clang-format off
enum rs_register {
    RS_RAX, RS_RCX, RS_RDX, RS_RBX, RS_RSP, RS_RBP, RS_RSI, RS_RDI,
    RS_R8, RS_R9, RS_R10, RS_R11, RS_R12, RS_R13, RS_R14, RS_R15,
    RS_REGISTER_COUNT
};
// clang-format on

struct rs_cpu_state {
    uint64_t gpr[RS_REGISTER_COUNT];
    uint64_t rip;
    uint64_t rflags;
    struct rs_segment cs, ss, tr;
    struct rs_table_register gdt, idt;
    uint64_t ldt_base; /* with ldt_limit; limit 0 and base 0 = no LDT */
    uint32_t ldt_limit;
    uint64_t cr0, cr2, cr3, cr4, efer;
    uint64_t star, lstar, cstar, fmask;
    uint8_t cpl;
    bool nmi_blocked;
};

/* Reads system-table memory (GDT, LDT, IDT, TSS) or a stack at a guest-virtual address.
 * Returns 0, or -1 when the address is not mapped. */
typedef int (*rs_model_read_fn)(void *context, uint64_t gva, void *buffer, size_t size);

struct rs_model_env {
    rs_model_read_fn read;
    void *context;
    enum rs_vendor vendor; /* decides where Intel and AMD differ */
    bool record_steps;     /* fill result->steps */
};

enum rs_cause_kind {
    RS_CAUSE_SYSCALL,
    RS_CAUSE_SYSRET,    /* operand: 1 = REX.W form (SYSRETQ), 0 = SYSRETL */
    RS_CAUSE_INT_N,     /* CD ib */
    RS_CAUSE_INT3,      /* CC: INT n's rules */
    RS_CAUSE_INTO,      /* CE: INT n's rules when OF = 1, nothing when OF = 0; #UD in 64-bit mode */
    RS_CAUSE_ICEBP,     /* F1: #DB without a DPL check */
    RS_CAUSE_EXCEPTION, /* processor-detected */
    RS_CAUSE_INTERRUPT, /* external, maskable */
    RS_CAUSE_NMI,
    RS_CAUSE_IRET, /* operand: 1 = REX.W form (IRETQ), 0 = IRETD, 2 = 66h form (IRETW) */
};

struct rs_cause {
    enum rs_cause_kind kind;
    uint8_t vector;      /* INT_N, EXCEPTION, INTERRUPT */
    uint8_t length;      /* bytes of the instruction; ignored by EXCEPTION, INTERRUPT and NMI */
    uint8_t operand;     /* SYSRET, IRET */
    bool has_error_code; /* EXCEPTION */
    uint32_t error_code;
    uint64_t cr2; /* EXCEPTION #PF */
};

enum rs_model_outcome {
    RS_MODEL_DONE,     /* the transition took place as asked */
    RS_MODEL_FAULT,    /* it raised fault_vector instead; `after` is that fault's delivery */
    RS_MODEL_SHUTDOWN, /* triple fault: `after` is the state before */
};

#define RS_MODEL_FRAME_MAX 6 /* quadwords: error code, RIP, CS, RFLAGS, RSP, SS */
#define RS_MODEL_STEPS_MAX 64

/* One step for --explain, "CS <- STAR[47:32] AND FFFCh" with the value that CS got. A step that
 * begins with '#' names the exception that is raised and why; its value is the error code, or 0. */
struct rs_model_step {
    const char *text; /* static, without values */
    uint64_t value;
};

struct rs_model_result {
    enum rs_model_outcome outcome;
    struct rs_cpu_state after;
    uint8_t fault_vector; /* FAULT: the vector finally delivered (may be #DF) */
    uint32_t fault_error_code;
    bool fault_has_error_code;
    uint8_t vector;                     /* vector of the gate that was used, when a gate was */
    uint8_t gate_type;                  /* DESC_TYPE_*; 0 when no gate was used */
    uint8_t ist;                        /* IST slot of the gate used, 0 = none */
    uint64_t frame_gva;                 /* address of frame[0] = the new RSP */
    uint8_t frame_count;                /* quadwords pushed; 0 for SYSCALL, SYSRET, IRET */
    uint64_t frame[RS_MODEL_FRAME_MAX]; /* ascending addresses: [error code,] RIP, CS, ... */
    uint8_t step_count;                 /* 0 unless env->record_steps */
    struct rs_model_step steps[RS_MODEL_STEPS_MAX];
};

/* The one entry point. `before` may be &result->after: then no state is
 * copied. `before.rip` is the address of the
 * instruction for instruction causes and faults, of the next instruction for traps and interrupts.
 * Never fails. */
void rs_model_run(const struct rs_model_env *env, const struct rs_cpu_state *before,
                  const struct rs_cause *cause, struct rs_model_result *result);

/* Whether RFLAGS.TF has #DB, a trap, follow a cause that led from `before` to `result`: it is an
 * event of its own, in result->after. */
bool rs_model_single_step(const struct rs_cpu_state *before, const struct rs_cause *cause,
                          const struct rs_model_result *result);

/* Decoding, used by the model, the hooks and `decode`. SDM Vol. 3A, "64-Bit Mode IDT" and
 * "Segment Descriptors". */
struct rs_gate {
    uint64_t offset;
    uint16_t selector;
    uint8_t ist, type, dpl;
    bool p;
    bool s;            /* must be 0 */
    bool reserved_set; /* bits 39:35 of the low or 44:40 of the high quadword, which must be 0;
                          the SDM names no fault for them, so delivery ignores them */
};
void rs_gate_decode(const uint64_t raw[2], struct rs_gate *gate);
/* Same gate with another offset: what arming a gate hook writes. */
void rs_gate_set_offset(uint64_t raw[2], uint64_t offset);

/* Code/data descriptor -> hidden part (limit scaled by G). */
void rs_segment_decode(uint64_t raw, uint16_t selector, struct rs_segment *segment);

static inline bool rs_is_canonical(uint64_t address, bool la57)
{
    /* All bits from the sign bit (47 or 56) up are equal. */
    uint64_t upper = address >> (la57 ? 56 : 47);

    return upper == 0 || upper == UINT64_MAX >> (la57 ? 56 : 47);
}

/* Whether the processor pushes an error code when it raises this vector as an exception; 1Dh (#VC)
 * and 1Eh (#SX) are AMD's. */
bool rs_exception_has_error_code(uint8_t vector);

/* SDM Vol. 3A, "Interrupt 8 - Double Fault Exception (#DF)". As a first event, INT n, interrupts
 * and NMI are benign whatever their vector. */
enum rs_exception_class {
    RS_EXCEPTION_BENIGN,
    RS_EXCEPTION_CONTRIBUTORY,
    RS_EXCEPTION_PAGE_FAULT,
    RS_EXCEPTION_DOUBLE_FAULT,
};
enum rs_exception_class rs_exception_class_of(uint8_t vector);

/* What an exception becomes that is raised while an event is being delivered. */
enum rs_nested_action {
    RS_NESTED_SERIAL,       /* it is delivered in the event's place */
    RS_NESTED_DOUBLE_FAULT, /* #DF is delivered */
    RS_NESTED_SHUTDOWN,
};
enum rs_nested_action rs_nested_action_of(enum rs_exception_class first,
                                          enum rs_exception_class second);

/*
 * Recognises the causes that are instructions in bytes[0..size): fills *cause with kind, vector,
 * length and operand, the rest 0. Prefixes that change nothing are passed over; with LOCK, and for
 * any other or incomplete instruction, it returns false. mode64: CS.L = 1; else CS.D = 1 is
 * assumed.
 */
bool rs_cause_from_instruction(const uint8_t *bytes, size_t size, bool mode64,
                               struct rs_cause *cause);

#endif
