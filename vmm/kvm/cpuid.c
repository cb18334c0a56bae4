/* SPDX-License-Identifier: MIT
 * CPUID: what KVM offers to a guest, and what a vCPU is given. */
#include "cpuid.h"

#include "vcpu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define CPUID_ENTRIES_MAX 256

struct kvm_cpuid2 *rs_cpuid_supported(int kvm_fd, struct rs_error *error)
{
    struct kvm_cpuid2 *cpuid;

    cpuid = calloc(1, sizeof(*cpuid) + CPUID_ENTRIES_MAX * sizeof(cpuid->entries[0]));
    if (!cpuid) {
        rs_error_set(error, RS_EXIT_HOST, "out of memory");
        return NULL;
    }
    cpuid->nent = CPUID_ENTRIES_MAX;
    if (ioctl(kvm_fd, KVM_GET_SUPPORTED_CPUID, cpuid) != 0) {
        rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_GET_SUPPORTED_CPUID");
        free(cpuid);
        return NULL;
    }
    return cpuid;
}

struct kvm_cpuid_entry2 *rs_cpuid_find(struct kvm_cpuid2 *cpuid, uint32_t leaf, uint32_t subleaf)
{
    for (uint32_t i = 0; i < cpuid->nent; i++) {
        struct kvm_cpuid_entry2 *entry = &cpuid->entries[i];

        if (entry->function == leaf &&
            (!(entry->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX) || entry->index == subleaf))
            return entry;
    }
    return NULL;
}

enum rs_vendor rs_cpuid_vendor(struct kvm_cpuid2 *cpuid)
{
    const struct kvm_cpuid_entry2 *entry = rs_cpuid_find(cpuid, 0, 0);
    char name[12];

    if (!entry)
        return RS_VENDOR_INTEL;
    memcpy(name, &entry->ebx, 4);
    memcpy(name + 4, &entry->edx, 4);
    memcpy(name + 8, &entry->ecx, 4);
    return memcmp(name, "AuthenticAMD", 12) == 0 || memcmp(name, "HygonGenuine", 12) == 0
               ? RS_VENDOR_AMD
               : RS_VENDOR_INTEL;
}

int rs_vcpu_set_cpuid(struct rs_vcpu *vcpu, const struct kvm_cpuid2 *cpuid, struct rs_error *error)
{
    if (ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_SET_CPUID2");
    return 0;
}
