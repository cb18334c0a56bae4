/* SPDX-License-Identifier: MIT
 * CPUID: what KVM offers to a guest, and what a vCPU is given. */
#include "cpuid.h"

#include "vcpu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

struct kvm_cpuid2 *rs_cpuid_supported(int kvm_fd, struct rs_error *error)
{
    struct kvm_cpuid2 *cpuid;

    cpuid = calloc(1, sizeof(*cpuid) + RS_CPUID_ENTRIES_MAX * sizeof(cpuid->entries[0]));
    if (!cpuid) {
        rs_error_set(error, RS_EXIT_HOST, "out of memory");
        return NULL;
    }
    cpuid->nent = RS_CPUID_ENTRIES_MAX;
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

/* How many bits of an APIC id count the cores. */
static uint32_t core_bits(uint32_t count)
{
    uint32_t bits = 0;

    while ((1u << bits) < count)
        bits++;
    return bits;
}

/* SDM Vol. 2A, "CPUID", leaf 01H. */
static void set_features(struct kvm_cpuid_entry2 *entry, uint32_t apic_id, uint32_t count)
{
    const uint32_t htt = 1u << 28;

    entry->ebx = (entry->ebx & 0xffff) | apic_id << 24 | count << 16;
    entry->edx = count > 1 ? entry->edx | htt : entry->edx & ~htt;
}

/* The same, leaves 0BH and 1FH: subleaf 0 is the threads of a core, 1 the cores of the package, and
 * an invalid one follows. */
static void set_levels(struct kvm_cpuid_entry2 *entry, uint32_t apic_id, uint32_t count)
{
    const uint32_t types[] = {1, 2};

    entry->eax = entry->index == 1 ? core_bits(count) : 0;
    entry->ebx = entry->index == 0 ? 1 : entry->index == 1 ? count : 0;
    entry->ecx = entry->index | (entry->index < 2 ? types[entry->index] << 8 : 0);
    entry->edx = apic_id;
}

void rs_cpuid_set_topology(struct kvm_cpuid2 *cpuid, uint32_t apic_id, uint32_t count)
{
    for (uint32_t i = 0; i < cpuid->nent; i++) {
        struct kvm_cpuid_entry2 *entry = &cpuid->entries[i];

        switch (entry->function) {
        case 1:
            set_features(entry, apic_id, count);
            break;
        case 4: /* EAX[31:26]: cores less 1; EAX[25:14]: threads that share the cache, less 1 */
            if (entry->eax & 0x1f)
                entry->eax = (entry->eax & 0x3fff) | (count - 1) << 26;
            break;
        case 0xb:
        case 0x1f:
            set_levels(entry, apic_id, count);
            break;
        case 0x80000008: /* AMD64 APM Vol. 3: ECX[7:0] cores less 1, ECX[15:12] bits of the id */
            entry->ecx = (entry->ecx & ~0xf0ffu) | (count - 1) | core_bits(count) << 12;
            break;
        case 0x8000001e: /* the same: EAX extended APIC id, EBX core, ECX node */
            entry->eax = apic_id;
            entry->ebx = apic_id;
            entry->ecx = 0;
            break;
        default:
            break;
        }
    }
}

int rs_vcpu_set_cpuid(struct rs_vcpu *vcpu, const struct kvm_cpuid2 *cpuid, struct rs_error *error)
{
    if (ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_SET_CPUID2");
    return 0;
}
