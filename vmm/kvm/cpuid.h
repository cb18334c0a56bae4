/* SPDX-License-Identifier: MIT
 * CPUID: what KVM offers to a guest, and what a vCPU is given. */
#ifndef RINGSCOPE_KVM_CPUID_H
#define RINGSCOPE_KVM_CPUID_H

#include "error.h"
#include "model/model.h"

#include <linux/kvm.h>
#include <stdint.h>

struct rs_vcpu;

#define RS_CPUID_ENTRIES_MAX 256

/* KVM_GET_SUPPORTED_CPUID, with room for RS_CPUID_ENTRIES_MAX. The caller frees it. NULL with the
 * error filled when it cannot be had.
 */
struct kvm_cpuid2 *rs_cpuid_supported(int kvm_fd, struct rs_error *error);

/* The entry of a leaf; NULL when there is none. */
struct kvm_cpuid_entry2 *rs_cpuid_find(struct kvm_cpuid2 *cpuid, uint32_t leaf, uint32_t subleaf);

/* Whose rules the processor follows that these leaves describe. */
enum rs_vendor rs_cpuid_vendor(struct kvm_cpuid2 *cpuid);

/* One package with `count` cores of one thread each, of which this is number `apic_id`. Leaves that
 * are not there stay away. */
void rs_cpuid_set_topology(struct kvm_cpuid2 *cpuid, uint32_t apic_id, uint32_t count);

/* KVM_SET_CPUID2: before the first KVM_RUN. Returns 0 or -1. */
int rs_vcpu_set_cpuid(struct rs_vcpu *vcpu, const struct kvm_cpuid2 *cpuid, struct rs_error *error);

#endif
