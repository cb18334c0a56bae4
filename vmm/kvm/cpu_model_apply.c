/* SPDX-License-Identifier: MIT
 * What a guest's CPUID says otherwise than the host's KVM offers: putting it into the leaves. */
#include "cpu_model.h"

#include "cpuid.h"
#include "kvm_host.h"

#include <stddef.h>
#include <string.h>

#define CPUID_1_ECX_TSC_DEADLINE (UINT32_C(1) << 24)
#define CPUID_1_ECX_HYPERVISOR (UINT32_C(1) << 31)

static const struct {
    uint32_t leaf, subleaf;
    size_t offset;
    unsigned bit;
} features[] = {
#define X(name, leaf, subleaf, register, bit)                                                      \
    {leaf, subleaf, offsetof(struct kvm_cpuid_entry2, register), bit},
    RS_CPU_FEATURES(X)
#undef X
};
#define FEATURE_COUNT (sizeof(features) / sizeof(features[0]))

static void apply_vendor(const struct rs_cpu_model *model, struct kvm_cpuid2 *cpuid)
{
    static const uint32_t leaves[] = {0, 0x80000000};

    for (size_t i = 0; model->vendor[0] && i < sizeof(leaves) / sizeof(leaves[0]); i++) {
        struct kvm_cpuid_entry2 *entry = rs_cpuid_find(cpuid, leaves[i], 0);

        if (!entry)
            continue;
        memcpy(&entry->ebx, model->vendor, 4);
        memcpy(&entry->edx, model->vendor + 4, 4);
        memcpy(&entry->ecx, model->vendor + 8, 4);
    }
}

/* KVM API, "KVM_GET_SUPPORTED_CPUID": the TSC-deadline mode of the APIC timer is told by a
 * capability; and not every kernel says that there is a hypervisor. */
static void apply_unsaid(int kvm_fd, struct kvm_cpuid2 *cpuid)
{
    struct kvm_cpuid_entry2 *entry = rs_cpuid_find(cpuid, 1, 0);

    if (!entry)
        return;
    entry->ecx |= CPUID_1_ECX_HYPERVISOR;
    if (rs_kvm_capability(kvm_fd, KVM_CAP_TSC_DEADLINE_TIMER) > 0)
        entry->ecx |= CPUID_1_ECX_TSC_DEADLINE;
}

void rs_cpu_model_apply(const struct rs_cpu_model *model, int kvm_fd, struct kvm_cpuid2 *cpuid)
{
    if (model->unsaid)
        apply_unsaid(kvm_fd, cpuid);
    apply_vendor(model, cpuid);
    for (size_t i = 0; i < FEATURE_COUNT; i++) {
        struct kvm_cpuid_entry2 *entry =
            rs_cpuid_find(cpuid, features[i].leaf, features[i].subleaf);

        if (entry && model->changes[i] == RS_CPU_OFF)
            *(uint32_t *)((uintptr_t)entry + features[i].offset) &=
                ~(UINT32_C(1) << features[i].bit);
    }
}
