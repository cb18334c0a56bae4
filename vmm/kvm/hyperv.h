/* SPDX-License-Identifier: MIT
 * Hyper-V's interface, as KVM offers it to guests: CPUID leaves, synthetic interrupts. */
#ifndef RINGSCOPE_KVM_HYPERV_H
#define RINGSCOPE_KVM_HYPERV_H

#include "error.h"

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rs_vcpu;
struct rs_vm;

#define RS_HYPERV_SINTS 16 /* of each vCPU: TLFS, "Synthetic Interrupt Sources" */
/* TLFS, "Hypercall Status Codes": HV_STATUS_INVALID_HYPERCALL_CODE. */
#define RS_HYPERV_NO_SUCH_CALL 2

/* Whether this KVM has all of it: KVM API, "KVM_GET_SUPPORTED_HV_CPUID" of a vCPU,
 * "KVM_CAP_HYPERV_SYNIC". */
bool rs_hyperv_offered(int kvm_fd);

/*
 * Puts Hyper-V's leaves, 40000000h to 4000007fh, into `cpuid`, which has room for `room` entries;
 * KVM's own move from 40000000h to 40000100h, where guests look for them, too. Those of the
 * synthetic debugger, from 40000080h on, are left out with what announces them: there is none.
 * Returns 0, or -1 when there is no room.
 */
int rs_hyperv_merge(struct kvm_cpuid2 *cpuid, size_t room, const struct kvm_cpuid2 *offered);

/* The same with what KVM offers to this vCPU, and switches its synthetic interrupt controller on.
 * After KVM_CREATE_IRQCHIP. Returns 0, or -1 with RS_EXIT_HOST. */
int rs_hyperv_enable(struct rs_vcpu *vcpu, struct kvm_cpuid2 *cpuid, struct rs_error *error);

/*
 * KVM API, "KVM_SET_GSI_ROUTING": the inputs of the interrupt controllers stay what they are, and
 * behind them each synthetic interrupt of each vCPU has an input of its own. Once, before the
 * guest runs: raising one is KVM_IRQ_LINE then. `cpus` is at most RS_CPUS_MAX.
 */
int rs_hyperv_route(struct rs_vm *vm, unsigned cpus, struct rs_error *error);
/* Raises one that was routed. Returns 0, or -errno. */
int rs_hyperv_raise(struct rs_vm *vm, unsigned cpu, unsigned sint);

#endif
