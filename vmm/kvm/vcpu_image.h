/* SPDX-License-Identifier: MIT
 * All that a vCPU holds at one moment, and putting it back. */
#ifndef RINGSCOPE_KVM_VCPU_IMAGE_H
#define RINGSCOPE_KVM_VCPU_IMAGE_H

#include "vcpu.h"

/*
 * KVM API: KVM_GET_ and KVM_SET_REGS, SREGS, XCRS, XSAVE, DEBUGREGS, VCPU_EVENTS, MP_STATE, LAPIC,
 * MSRS of KVM_GET_MSR_INDEX_LIST and the MTRRs, and KVM_VCPU_TSC_OFFSET. An MSR that KVM does not
 * let us set as it was read is compared only.
 */
struct rs_vcpu_msr {
    uint32_t index;
    bool settable;
    uint64_t value;
};

struct rs_vcpu_image {
    struct kvm_regs regs;
    struct kvm_sregs sregs;
    struct kvm_xcrs xcrs;
    struct kvm_xsave *xsave; /* owned; xsave_size bytes: KVM API, "KVM_GET_XSAVE2" */
    size_t xsave_size;
    struct kvm_debugregs debugregs;
    struct kvm_vcpu_events events;
    struct kvm_mp_state mp_state;
    struct kvm_lapic_state lapic;
    bool has_tsc_offset;
    uint64_t tsc_offset;      /* guest TSC - host TSC */
    uint64_t host_tsc;        /* when it was read */
    struct rs_vcpu_msr *msrs; /* owned */
    unsigned msr_count;
    struct kvm_msrs *scratch; /* owned; room for msr_count */
};

/* An access that KVM_RUN left open is completed first: KVM API, "KVM_RUN", on KVM_EXIT_IO. Returns
 * 0 or -1. */
int rs_vcpu_image_take(struct rs_vcpu_image *image, struct rs_vcpu *vcpu, const struct rs_vm *vm,
                       struct rs_error *error);
void rs_vcpu_image_free(struct rs_vcpu_image *image);

/* Returns 0, or -1 with what KVM refused. The TSC goes on from where it was. */
int rs_vcpu_image_put(const struct rs_vcpu_image *image, struct rs_vcpu *vcpu,
                      struct rs_error *error);

/* A hash of everything but the clocks that run by themselves: the TSC, and what the local APIC's
 * timer has left. */
uint64_t rs_vcpu_image_digest(const struct rs_vcpu_image *image, uint64_t seed);

/* What differs between two of them, of what rs_vcpu_image_digest() covers: "SREGS", "MSR 0x10";
 * false: nothing does. */
bool rs_vcpu_image_difference(const struct rs_vcpu_image *a, const struct rs_vcpu_image *b,
                              char *what, size_t size);

/* Completes what KVM_RUN left open, without running the guest. Returns 0 or -errno. */
int rs_vcpu_complete(struct rs_vcpu *vcpu);

#endif
