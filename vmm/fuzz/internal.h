/* SPDX-License-Identifier: MIT
 * Inside the fuzzer: a case, what must come of it, and what a host is known to do otherwise. */
#ifndef RINGSCOPE_FUZZ_INTERNAL_H
#define RINGSCOPE_FUZZ_INTERNAL_H

#include "doctor/probe.h"
#include "fuzz.h"
#include "layout.h"
#include "random.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/vectors.h>

#define FUZZ_CODE_MAX 4

/* Deviations, one bit each: rs_deviations. */
__extension__ typedef unsigned __int128 rs_fuzz_mask;
static inline rs_fuzz_mask rs_fuzz_bit(unsigned index)
{
    return (rs_fuzz_mask)1 << index;
}

/* What comes before the first instruction. */
enum rs_fuzz_event {
    RS_FUZZ_NO_EVENT,
    RS_FUZZ_NMI,
    RS_FUZZ_INTERRUPT, /* by KVM_INTERRUPT */
    RS_FUZZ_INJECTED,  /* an exception by KVM_SET_VCPU_EVENTS */
};

struct rs_fuzz_case {
    uint64_t seed, number;
    enum rs_fuzz_kind kind;
    enum rs_from from;
    struct rs_cpu_state before;
    enum rs_fuzz_event event;
    uint8_t vector; /* of the event */
    bool has_error_code;
    uint32_t error_code;
    uint8_t code[FUZZ_CODE_MAX]; /* at before.rip, in memory too */
    uint8_t code_size;
    uint8_t memory[PROBE_RAM_SIZE]; /* before; page tables are not in it */
};

/* generate.c: the case `number` of `seed`, always the same. */
void rs_fuzz_generate(uint64_t seed, uint64_t number, struct rs_fuzz_case *one);
/* generate_tables.c */
void rs_fuzz_generate_tables(struct rs_random *random, struct rs_fuzz_case *one, uint8_t vector);
uint16_t rs_fuzz_selector(struct rs_random *random);
uint64_t rs_fuzz_stack(struct rs_random *random, uint64_t usual);
uint64_t rs_fuzz_target(struct rs_random *random);
uint64_t rs_fuzz_odd_address(struct rs_random *random);
static inline void rs_fuzz_put(struct rs_fuzz_case *one, uint64_t gva, const void *bytes,
                               size_t size)
{
    __builtin_memcpy(one->memory + gva, bytes, size);
}

/* How a case ends. */
enum rs_fuzz_end {
    RS_FUZZ_FETCH,    /* at an address without memory: state.rip */
    RS_FUZZ_SHUTDOWN, /* triple fault */
    RS_FUZZ_SPINS,    /* for ever: only with deviations */
    RS_FUZZ_WILD,     /* anywhere: only with deviations */
    RS_FUZZ_CANNOT,   /* the host cannot execute the instruction at state.rip */
    RS_FUZZ_UNKNOWN,  /* outside what the model knows: nothing is run */
};

#define FUZZ_STEPS_MAX 12
#define FUZZ_FALLS_MAX 1024 /* the same with deviations: more frames than RAM has room for */
#define FUZZ_FRAMES_MAX FUZZ_STEPS_MAX

struct rs_fuzz_frame {
    uint64_t gva;
    uint8_t count;
    uint64_t words[RS_MODEL_FRAME_MAX]; /* from gva up */
    bool ss_or_null;                    /* SS in it may as well be null, with this for its RPL */
    uint8_t cpl;
};

/* What IRET finds on its stack; 0 where there is no memory. */
struct rs_fuzz_popped {
    uint64_t rip, rflags, rsp;
    uint16_t cs, ss;
};

/* One instruction, event or fetch of a case on its way through the model. */
struct rs_fuzz_step {
    const struct rs_fuzz_case *of;
    unsigned index;
    bool is_event;
    bool native;         /* an IRET that the processor does with the host's own GDT */
    bool stays;          /* ring 3 was not left before it */
    bool after_native;   /* and `native` led to it */
    const uint8_t *code; /* NULL: none, an event or a fetch */
    bool completes;      /* an instruction that raises nothing: the model is not asked */
    bool ends;           /* a fetch from where there is no memory: the guest leaves */
    bool refused;        /* the host cannot execute it, and the guest leaves */
    bool again;          /* after(): the model shall be asked once more, with `cause` */
    bool steps_at_once;  /* that of MOV to SS is not put off */
    bool no_step;        /* no #DB of RFLAGS.TF follows */
    bool wild;           /* nobody knows what the host does from here on */
    uint16_t unknown;    /* general registers whose contents nobody can say, one bit each */
    bool of_iret;        /* with `raised`: IRET did */
    bool popped_pf;      /* and that #PF, */
    bool raised;         /* an instruction that raised `cause` before it did anything */
    struct rs_cpu_state before;
    struct rs_cause cause;
    struct rs_model_result *result; /* for what changes it afterwards */
    /* What the model reads otherwise than it is in memory: relax.c. Each is 0, or the deviation
     * that wants it. */
    rs_fuzz_mask relaxed_gates, relaxed_offset, relaxed_iret, relaxed_code, relaxed_rpl,
        relaxed_rsp, relaxed_selectors, relaxed_ldt, relaxed_wide, relaxed_null, relaxed_null_32,
        relaxed_limit;
    rs_fuzz_mask deviation; /* that is asked now */
    uint64_t offset;   /* an address that is not canonical, read as FUZZ_ANY_RIP: RIP in the end */
    uint16_t selector; /* of the gate that was read last */
    uint64_t descriptor;          /* the code segment's, as it is in memory */
    unsigned selectors;           /* descriptors that IRET has read */
    bool absent_ss;               /* the second of them is not present */
    uint8_t int_length;           /* of an INT n in whose place something else was raised */
    bool shows_ss;                /* the host shows the RPL of a null SS for the CPL */
    bool restores_cs;             /* the first was read otherwise than it is: `descriptor` */
    uint8_t ring;                 /* of a SYSRET that is done as if it were in ring 0 */
    uint64_t rsp;                 /* of IRET, if it pops from the low half of it */
    bool fetches_eip;             /* of the RIP that it has loaded the low half will be fetched */
    uint64_t popped_cr2;          /* of this address */
    struct rs_fuzz_popped popped; /* of IRET */
    /* What the claim has measured, if it is of numbers. */
    uint64_t lost, extra; /* bits that were expected and not there, and the other way round */
};

struct rs_fuzz_prediction {
    enum rs_fuzz_end end;
    struct rs_cpu_state state;
    struct rs_fuzz_frame frames[FUZZ_FRAMES_MAX]; /* over the memory of the case, the last on top */
    unsigned frame_count;
    unsigned steps;
    bool stranded;        /* and they reach where there is no memory: hosts part there */
    bool fell;            /* more frames than there is room for here: only the last is known */
    uint16_t unknown;     /* general registers that nobody can say: one bit each */
    bool popped;          /* #PF of an IRET: any address of its frame will do for CR2 */
    bool shows_ss;        /* the last step does */
    bool ss_or_null;      /* a delivery took an IST stack at the same CPL: SS may be null then */
    rs_fuzz_mask applied; /* deviations that changed something */
};

struct rs_departing;

/* predict.c: what the SDM has come of it, or with those deviations that are in `mask`. trace: NULL,
 * or each step is told. */
typedef void (*rs_fuzz_trace_fn)(void *context, const struct rs_fuzz_step *step);
void rs_fuzz_predict(const struct rs_fuzz_case *one, enum rs_vendor vendor,
                     const struct rs_departing *departing, rs_fuzz_mask mask,
                     struct rs_fuzz_prediction *prediction, rs_fuzz_trace_fn trace, void *context);

/* instructions.c: those that the model does not know, because they are no transitions unless they
 * fault. Returns 0: not known; the length otherwise. *cause: what it raises; kind SYSCALL with
 * length 0 is not used: `completes` says that it raises nothing. */
size_t rs_fuzz_instruction(struct rs_model_env *env, const struct rs_cpu_state *state,
                           const uint8_t *code, struct rs_cause *cause, bool *completes,
                           struct rs_segment *ss);

/* deviations.c: what is known of hosts; each belongs to a claim of the doctor, and counts where
 * that departs in this field, with a value that begins so. */
struct rs_deviation {
    const char *claim, *field;
    const char *got; /* NULL: any */
    /* Changes the step before the model gets it, or what the model made of it. NULL: nothing.
     * Returns whether it did. */
    bool (*before)(struct rs_fuzz_step *step);
    bool (*after)(struct rs_fuzz_step *step);
};
extern const struct rs_deviation rs_deviations[];
extern const unsigned rs_deviation_count; /* at most RS_FUZZ_DEVIATIONS_MAX */

/* Those that a host has, as measured. */
struct rs_departing {
    rs_fuzz_mask mask;
    uint64_t lost[RS_FUZZ_DEVIATIONS_MAX], extra[RS_FUZZ_DEVIATIONS_MAX];
};
/* departing.c */
void rs_departing_add(struct rs_departing *departing, const struct rs_finding *finding);

/* machine.c: puts a case into the machine and runs it. Returns false: KVM does not take it. */
bool rs_fuzz_run_case(struct rs_probe *probe, const struct rs_fuzz_case *one,
                      struct rs_observation *seen);

/* predict.c: memory as it is after the prediction; only where there is RAM. */
void rs_fuzz_memory(const struct rs_fuzz_case *one, const struct rs_fuzz_prediction *prediction,
                    uint64_t gva, void *buffer, size_t size);

/* compare.c: every difference goes into the finding. Returns whether there is none. */
bool rs_fuzz_compare(const struct rs_probe *probe, const struct rs_fuzz_case *one,
                     const struct rs_fuzz_prediction *prediction, const struct rs_observation *seen,
                     struct rs_finding *finding);

/* What has explained cases before, most recent first: it will again. */
#define FUZZ_RECENT_MAX 16
struct rs_fuzz_recent {
    rs_fuzz_mask masks[FUZZ_RECENT_MAX]; /* 0: none */
};

/* What comes nearest to a case that nothing explains: the deviations, and what differs with them.
 */
struct rs_fuzz_nearest {
    rs_fuzz_mask mask;
    struct rs_finding finding;
};

/* explain.c: which of the deviations of this host make the model agree with what was seen. 0:
 * none of them do, and *nearest is filled. */
rs_fuzz_mask rs_fuzz_explain(const struct rs_probe *probe, const struct rs_fuzz_case *one,
                             const struct rs_observation *seen,
                             const struct rs_departing *departing, struct rs_fuzz_recent *recent,
                             struct rs_fuzz_nearest *nearest);

/* Whether this host, as it is known, goes where the model does not follow. */
bool rs_fuzz_leads_outside(const struct rs_probe *probe, const struct rs_fuzz_case *one,
                           const struct rs_departing *departing);

/* tell.c: the case in full. */
void rs_fuzz_tell(const struct rs_probe *probe, const struct rs_fuzz_case *one,
                  const struct rs_fuzz_nearest *nearest, enum rs_fuzz_verdict verdict,
                  rs_fuzz_mask known, const struct rs_observation *seen,
                  const struct rs_finding *finding, FILE *out);

#endif
