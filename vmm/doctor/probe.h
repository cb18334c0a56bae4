/* SPDX-License-Identifier: MIT
 * The doctor's little machine: one vCPU that is put into a known state, run, and looked at. */
#ifndef RINGSCOPE_DOCTOR_PROBE_H
#define RINGSCOPE_DOCTOR_PROBE_H

#include "doctor/claim.h"
#include "doctor/heartbeat.h"
#include "doctor/layout.h"
#include "kvm/vcpu.h"
#include "kvm/vm.h"

/* What kind of machine. All 0: what a guest of run and trace gets. */
struct rs_probe_kind {
    bool no_irqchip;               /* made faster, but without LAPIC */
    const enum rs_feature *hidden; /* features that CPUID is not to have, NONE at the end */
};

struct rs_probe {
    int kvm_fd; /* not owned */
    struct rs_probe_kind kind;
    struct rs_vm vm;
    struct rs_vcpu vcpu;
    struct rs_heartbeat heartbeat;
    struct kvm_cpuid2 *cpuid; /* owned: what the guest was given */
    struct kvm_sregs sregs;   /* of a fresh vCPU in long mode */
    struct rs_model_env env;  /* for the model: reads this machine's memory */
    struct rs_cpu_state before;
    bool delivered; /* something has gone through its IDT */
    int run_failed; /* errno of a KVM_RUN that failed while this claim was measured; 0: none */
    bool worn;      /* the last run left it in a state that no preparation undoes */
    uint64_t gdt[PROBE_GDT_SIZE / 8];
    uint64_t idt[256][2];
};

/* Where RIP is when the guest has left. */
enum rs_arrival {
    RS_ARRIVED_GATE, /* of rs_observation.vector */
    RS_ARRIVED_LSTAR,
    RS_ARRIVED_CSTAR,
    RS_ARRIVED_SYSENTER,
    RS_ARRIVED_TARGET,
    RS_ARRIVED_DONE,
    RS_ARRIVED_CODE, /* still in the code page */
    RS_ARRIVED_ELSEWHERE,
};

enum rs_end {
    RS_END_FETCH, /* of an address without memory, or an instruction that KVM cannot emulate */
    RS_END_IO,
    RS_END_MMIO,
    RS_END_RDMSR,
    RS_END_WRMSR,
    RS_END_DEBUG,
    RS_END_SHUTDOWN,
    RS_END_STUCK,   /* it neither left nor went on */
    RS_END_BLOCKED, /* the same without using the processor */
    RS_END_OTHER,
    RS_END_FAILED, /* KVM_RUN returned an error */
};

struct rs_observation {
    enum rs_end end;
    enum rs_arrival arrival;
    uint8_t vector;
    uint32_t number; /* OTHER: exit reason; FAILED: errno */
    struct rs_cpu_state state;
    uint64_t frame[RS_MODEL_FRAME_MAX]; /* GATE: the quadwords at RSP; 0 where there is no memory */
};

/* Makes the machine. Returns 0, or -1 when there is no VM or when it does not run at all. */
int rs_probe_open(struct rs_probe *probe, int kvm_fd, struct rs_probe_kind kind,
                  struct rs_error *error);
void rs_probe_close(struct rs_probe *probe);
/* A new machine when this one is worn, or when it must be `fresh` and is not. */
int rs_probe_renew(struct rs_probe *probe, bool fresh, struct rs_error *error);

static inline bool rs_probe_has(const struct rs_probe *probe, enum rs_feature feature)
{
    return rs_feature_in(probe->cpuid, feature);
}

/* Puts machine and vCPU into the usual state with what `setup` changes, the code in place. What the
 * model needs of it is in probe->before. Returns 0 or -errno. */
int rs_probe_prepare(struct rs_probe *probe, const struct rs_setup *setup,
                     const struct rs_code *code);
/* Runs until the guest leaves by itself or is stuck. May be called again to run on. */
void rs_probe_run(struct rs_probe *probe, struct rs_observation *seen);
/* Completes the access that the guest left with, without running on. */
void rs_probe_settle(struct rs_probe *probe);

/* observe.c */
enum rs_arrival rs_arrival_of(uint64_t rip, uint8_t *vector);
bool rs_observed(const struct rs_observation *seen, enum rs_arrival arrival);
void rs_observe(struct rs_probe *probe, int run_result, struct rs_observation *seen);
void rs_describe(const struct rs_observation *seen, char *buffer, size_t size);

/* compare.c: the vCPU against the model, field by field. RFLAGS.RF in the frame only if `rf`. */
void rs_compare(struct rs_finding *finding, const struct rs_model_result *model,
                const struct rs_observation *seen, bool rf);
void rs_compare_registers(struct rs_finding *finding, const struct rs_cpu_state *expected,
                          const struct rs_cpu_state *got);

/* expect.c: prepares, runs, and says in the finding what happened; or why it could not be run, with
 * false. rs_run_claim() is both. */
bool rs_prepare_claim(struct rs_probe *probe, const struct rs_claim *claim,
                      struct rs_finding *finding);
void rs_run_prepared(struct rs_probe *probe, struct rs_finding *finding,
                     struct rs_observation *seen);
bool rs_run_claim(struct rs_probe *probe, const struct rs_claim *claim, struct rs_finding *finding,
                  struct rs_observation *seen);
/* "outcome" differs. */
void rs_expect_outcome(struct rs_finding *finding, const char *expected,
                       const struct rs_observation *seen);
/* The model's result of `cause` in the state before, against what was seen. */
void rs_expect_cause(struct rs_probe *probe, const struct rs_claim *claim,
                     const struct rs_cpu_state *before, const struct rs_cause *cause,
                     const struct rs_observation *seen, struct rs_finding *finding);

/* Probes of single instructions: */
/* what the model says of the instructions in the code */
void rs_expect_transition(struct rs_probe *probe, const struct rs_claim *claim,
                          struct rs_finding *finding);
/* claim->vector; the pushed RIP is the instruction, or claim->argument */
void rs_expect_fault(struct rs_probe *probe, const struct rs_claim *claim,
                     struct rs_finding *finding);
/* claim->vector, pushed RIP: the next one */
void rs_expect_trap(struct rs_probe *probe, const struct rs_claim *claim,
                    struct rs_finding *finding);
/* it completes; without the CPUID feature it is #UD */
void rs_expect_done(struct rs_probe *probe, const struct rs_claim *claim,
                    struct rs_finding *finding);
/* it completes, or raises #UD */
void rs_expect_no_trouble(struct rs_probe *probe, const struct rs_claim *claim,
                          struct rs_finding *finding);
/* it leaves by KVM_EXIT_IO */
void rs_expect_io(struct rs_probe *probe, const struct rs_claim *claim, struct rs_finding *finding);

/* hook_costs.c: which kinds of hooks work, and what an exit by each takes, in the rings in which
 * `needs` has them. Returns 0, or -1: there is no machine any more. */
struct rs_hook_costs;
int rs_probe_hook_costs(struct rs_probe *probe, uint32_t needs, struct rs_hook_costs *costs,
                        struct rs_error *error);

/* tables.c: guest memory before each run. */
void rs_tables_init(struct rs_probe *probe);
int rs_tables_write(struct rs_probe *probe, const struct rs_setup *setup);
void rs_tables_segment(const struct rs_probe *probe, uint16_t selector,
                       struct kvm_segment *segment);

#endif
