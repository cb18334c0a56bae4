/* SPDX-License-Identifier: MIT
 * The doctor's little machine: one vCPU that is put into a known state, run, and looked at. */
#ifndef RINGSCOPE_DOCTOR_PROBE_H
#define RINGSCOPE_DOCTOR_PROBE_H

#include "doctor/claim.h"
#include "doctor/heartbeat.h"
#include "doctor/layout.h"
#include "kvm/vcpu.h"
#include "kvm/vm.h"

struct rs_probe {
    int kvm_fd; /* not owned */
    struct rs_vm vm;
    struct rs_vcpu vcpu;
    struct rs_heartbeat heartbeat;
    struct kvm_cpuid2 *cpuid; /* owned: what the guest was given */
    struct kvm_sregs sregs;   /* of a fresh vCPU in long mode */
    struct rs_model_env env;  /* for the model: reads this machine's memory */
    struct rs_cpu_state before;
    uint64_t gdt[PROBE_GDT_SIZE / 8];
    uint64_t idt[256][2];
};

/* Where RIP is when the guest has left. */
enum rs_arrival {
    RS_ARRIVED_GATE, /* of rs_observation.vector */
    RS_ARRIVED_LSTAR,
    RS_ARRIVED_CSTAR,
    RS_ARRIVED_SYSENTER,
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

/* Makes the machine. `hidden`: features that CPUID is not to have, a list ended by NONE; may be
 * NULL. Returns 0, or -1 when there is no VM or when it does not run at all. */
int rs_probe_open(struct rs_probe *probe, int kvm_fd, const enum rs_feature *hidden,
                  struct rs_error *error);
void rs_probe_close(struct rs_probe *probe);
/* A new machine in place of one that cannot be used any more. */
int rs_probe_renew(struct rs_probe *probe, struct rs_error *error);

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
const char *rs_vector_name(uint8_t vector, char *buffer, size_t size);
void rs_describe(const struct rs_observation *seen, char *buffer, size_t size);

/* tables.c: guest memory before each run. */
void rs_tables_init(struct rs_probe *probe);
int rs_tables_write(struct rs_probe *probe, const struct rs_setup *setup);
void rs_tables_segment(const struct rs_probe *probe, uint16_t selector,
                       struct kvm_segment *segment);

#endif
