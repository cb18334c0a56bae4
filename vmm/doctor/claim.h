/* SPDX-License-Identifier: MIT
 * Claims about a host, and what measuring one found. */
#ifndef RINGSCOPE_DOCTOR_CLAIM_H
#define RINGSCOPE_DOCTOR_CLAIM_H

#include "doctor/features.h"
#include "model/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A claim is one row of a table: what should be so, where that is written, and how to measure it.
 * Most are one guest instruction run from a known state; `probe` says what must come of it. The
 * status of a finding:
 *
 * X(name, text, meaning)
 */
#define RS_STATUSES(X)                                                                             \
    X(OK, "ok", "as the reference says")                                                           \
    X(DEPARTS, "DEPARTS", "the host does something else than the SDM says")                        \
    X(ABSENT, "absent", "this KVM does not do it; the SDM does not ask for it")                    \
    X(SKIP, "skip", "cannot be measured here: see the reason")

enum rs_status {
#define X(name, text, meaning) RS_STATUS_##name,
    RS_STATUSES(X)
#undef X
    RS_STATUS_COUNT
};

const char *rs_status_text(enum rs_status status);

enum rs_from {
    RS_FROM_RING3,
    RS_FROM_RING0,
    RS_FROM_COMPAT, /* ring 3, 32-bit code */
    RS_FROM_RING1,
    RS_FROM_RING2
};

struct rs_preset {
    bool set;
    uint8_t gpr; /* enum rs_register */
    uint64_t value;
};
#define RS_GPR(name, contents)                                                                     \
    {                                                                                              \
        .set = true, .gpr = RS_##name, .value = (contents)                                         \
    }

/* What differs from the usual state of a probe (probe.h) before the instruction. */
struct rs_setup {
    enum rs_from from;
    uint64_t rflags, cr0, cr4; /* set on top of the usual bits */
    uint64_t rflags_clear;     /* taken out of them */
    uint64_t xcr0;             /* 0: as it is */
    bool no_sce;               /* EFER.SCE = 0 */
    bool keeps_debug;          /* DR0-7 stay as the last run has left them */
    struct {
        uint8_t vector, dpl, ist;
        bool trap;
        uint64_t flip[2]; /* bits of its two quadwords that are turned over */
    } gate;               /* all 0: every gate is an interrupt gate of DPL 0 without IST */
    bool df_stack;        /* #DF has a stack of its own, IST2: no shutdown, which ends some hosts */
    uint64_t ist7;        /* IST7 of the TSS; 0: usual */
    uint64_t star, cstar; /* 0: usual */
    uint64_t fmask_clear; /* taken out of the usual bits */
    uint32_t tr_limit;    /* 0: usual */
    uint16_t gdt_limit;   /* 0: usual */
    uint16_t idt_limit;   /* 0: usual */
    bool ldt;             /* LDTR names the GDT again; otherwise it is null */
    struct rs_preset gprs[4];
    uint64_t stack[5]; /* [0] 0: nothing; at RSP otherwise */
};

struct rs_code {
    const char *bytes;
    uint8_t size;
};
#define RS_CODE(literal)                                                                           \
    {                                                                                              \
        .bytes = (literal), .size = sizeof(literal) - 1                                            \
    }

struct rs_probe;
struct rs_claim;
struct rs_finding;
typedef void (*rs_probe_fn)(struct rs_probe *probe, const struct rs_claim *claim,
                            struct rs_finding *finding);

/* The field that differs when the guest ends elsewhere than it should; the others are registers and
 * words of the frame. */
#define RS_FIELD_OUTCOME "outcome"

#define RS_CLAIM_NEEDS_MAX 3

struct rs_claim {
    const char *id;        /* stable: scripts look for it */
    const char *text;      /* what should be so */
    const char *reference; /* volume and section title */
    rs_probe_fn probe;
    enum rs_feature feature; /* NONE, or what CPUID must have */
    struct rs_code code;
    struct rs_setup setup;
    uint8_t vector; /* the exception that is expected; of hooks: used by the probe */
    uint32_t error_code;
    uint64_t cr2;
    uint64_t argument; /* the probe's own */
    struct {
        uint32_t need;     /* RS_NEED_*: what repair puts right */
        const char *field; /* when this differs: a field of rs_difference */
    } needs[RS_CLAIM_NEEDS_MAX];
    struct {
        uint8_t rings; /* bits 1 << enum rs_hook_ring; 0: nothing */
        uint8_t kind;  /* enum rs_hook_kind */
    } enables;         /* the kind of hook that can be had there when the claim is ok */
    bool fresh;     /* on a machine whose IDT was never used: the host must map it during delivery,
                       and deliver again */
    bool judges_rf; /* compares RFLAGS.RF in the frame: elsewhere it is left out, so that a host
                       without RF does not depart in every line */
};

struct rs_group {
    const char *name, *title;
    const struct rs_claim *claims;
    size_t count;
};

extern const struct rs_group rs_group_kvm, rs_group_hooks, rs_group_syscall, rs_group_gates,
    rs_group_iret, rs_group_exceptions, rs_group_events, rs_group_ring0, rs_group_registers;
extern const struct rs_group *const rs_groups[];
extern const size_t rs_group_count;
size_t rs_claim_count(void); /* of all groups */

/* The claim of this id in a group; NULL when there is none. */
const struct rs_claim *rs_claim_find(const struct rs_group *group, const char *id);

#define RS_DIFFERENCES_MAX 12
struct rs_difference {
    char field[24], expected[96], got[96];
};

struct rs_finding {
    const struct rs_claim *claim;
    enum rs_status status;
    char observed[120]; /* what happened; with SKIP: why */
    struct rs_difference differences[RS_DIFFERENCES_MAX];
    unsigned difference_count;
};

/* All of them keep what is already there. A difference makes OK into DEPARTS. */
void rs_finding_observe(struct rs_finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void rs_finding_differ(struct rs_finding *finding, const char *field, const char *expected,
                       const char *got);
void rs_finding_differ_value(struct rs_finding *finding, const char *field, uint64_t expected,
                             uint64_t got);
/* SKIP or ABSENT, and why. */
void rs_finding_set(struct rs_finding *finding, enum rs_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Of what KVM offers, not of what the SDM says: a departure there is an absence. */
void rs_finding_not_sdm(struct rs_finding *finding);

#endif
