/* SPDX-License-Identifier: MIT
 * Probes of CPUID, of the TSC and of CR2. */
#include "register_probes.h"

#include "kvm/cpuid.h"

#include <inttypes.h>
#include <ringscope/x86/msr.h>
#include <stdio.h>
#include <stdlib.h>

/* Far more than passes between two reads, and still no wrap. */
#define TSC_STEP (RS_U64(1) << 45)

/* Runs one instruction of ring 0 that returns EDX:EAX. */
static bool run_for_value(struct rs_probe *probe, const struct rs_claim *claim, uint64_t *value,
                          struct rs_finding *finding)
{
    struct rs_observation seen;

    if (!rs_prepare_claim(probe, claim, finding))
        return false;
    rs_probe_run(probe, &seen);
    *value = seen.state.gpr[RS_RDX] << 32 | (uint32_t)seen.state.gpr[RS_RAX];
    if (!rs_observed(&seen, RS_ARRIVED_DONE))
        rs_expect_outcome(finding, "completes", &seen);
    return finding->status == RS_STATUS_OK;
}

void rs_tsc_adjust(struct rs_probe *probe, const struct rs_claim *claim, struct rs_finding *finding)
{
    const struct rs_claim rdtsc = {.code = RS_CODE("\x0f\x31"), .setup.from = RS_FROM_RING0};
    struct rs_claim access = {.setup.from = RS_FROM_RING0};
    uint64_t adjust, written, before, after;

    if (!rs_probe_has(probe, claim->feature)) {
        rs_finding_set(finding, RS_STATUS_SKIP, "CPUID has no TSC_ADJUST");
        return;
    }
    access.code = (struct rs_code)RS_CODE("\x0f\x32");
    access.setup.gprs[0] = (struct rs_preset)RS_GPR(RCX, MSR_TSC_ADJUST);
    if (!run_for_value(probe, &access, &adjust, finding))
        return;
    access.code = (struct rs_code)RS_CODE("\x0f\x30");
    access.setup.gprs[1] = (struct rs_preset)RS_GPR(RAX, (adjust + TSC_STEP) & UINT32_MAX);
    access.setup.gprs[2] = (struct rs_preset)RS_GPR(RDX, (adjust + TSC_STEP) >> 32);
    if (run_for_value(probe, &rdtsc, &before, finding) &&
        run_for_value(probe, &access, &written, finding) &&
        run_for_value(probe, &rdtsc, &after, finding) && after - before < TSC_STEP)
        rs_finding_differ(finding, "TSC", "moves by what was written", "does not move");
    probe->worn = true;
}

void rs_cr2_as_set(struct rs_probe *probe, const struct rs_claim *claim, struct rs_finding *finding)
{
    struct rs_observation seen;

    if (!rs_prepare_claim(probe, claim, finding))
        return;
    rs_vcpu_sregs(&probe->vcpu)->cr2 = PROBE_NOT_PRESENT;
    rs_vcpu_sregs_dirty(&probe->vcpu);
    rs_run_prepared(probe, finding, &seen);
    if (!rs_observed(&seen, RS_ARRIVED_DONE))
        rs_expect_outcome(finding, "completes", &seen);
    else if (seen.state.gpr[RS_RAX] != PROBE_NOT_PRESENT)
        rs_finding_differ_value(finding, "CR2", PROBE_NOT_PRESENT, seen.state.gpr[RS_RAX]);
}

struct cpuid_part {
    uint32_t leaf;
    const char *name; /* leaf and register */
    size_t offset;
    uint32_t mask; /* without the bits that follow CR4 and the APIC, and the APIC's ID */
};

#define PART(leaf, register, name, mask)                                                           \
    {                                                                                              \
        leaf, name, offsetof(struct kvm_cpuid_entry2, register), mask                              \
    }

static const struct cpuid_part parts[] = {
    PART(0, ebx, "CPUID.0:EBX", UINT32_MAX),
    PART(1, eax, "CPUID.1:EAX", UINT32_MAX),
    PART(1, ecx, "CPUID.1:ECX", ~(1u << 27 | 1u << 3)), /* OSXSAVE, MONITOR */
    PART(1, edx, "CPUID.1:EDX", ~(1u << 9)),            /* APIC */
    PART(7, ebx, "CPUID.7:EBX", UINT32_MAX),
    PART(7, ecx, "CPUID.7:ECX", ~(1u << 4)), /* OSPKE */
    PART(7, edx, "CPUID.7:EDX", UINT32_MAX),
    PART(0x80000001, ecx, "CPUID.80000001:ECX", UINT32_MAX),
    PART(0x80000001, edx, "CPUID.80000001:EDX", UINT32_MAX),
    PART(0x80000008, ebx, "CPUID.80000008:EBX", UINT32_MAX),
};

static uint32_t register_at(const struct kvm_cpuid_entry2 *entry, size_t offset)
{
    return *(const uint32_t *)((uintptr_t)entry + offset);
}

static bool run_cpuid(struct rs_probe *probe, const struct rs_claim *claim, uint32_t leaf,
                      struct kvm_cpuid_entry2 *answer, struct rs_finding *finding)
{
    struct rs_claim cpuid = {.code = RS_CODE("\x0f\xa2"), .setup = claim->setup};
    struct rs_observation seen;

    cpuid.setup.gprs[0] = (struct rs_preset)RS_GPR(RAX, leaf);
    cpuid.setup.gprs[1] = (struct rs_preset)RS_GPR(RCX, 0);
    if (!rs_prepare_claim(probe, &cpuid, finding))
        return false;
    rs_probe_run(probe, &seen);
    if (!rs_observed(&seen, RS_ARRIVED_DONE)) {
        rs_expect_outcome(finding, "completes", &seen);
        return false;
    }
    *answer = (struct kvm_cpuid_entry2){
        .eax = (uint32_t)seen.state.gpr[RS_RAX],
        .ebx = (uint32_t)seen.state.gpr[RS_RBX],
        .ecx = (uint32_t)seen.state.gpr[RS_RCX],
        .edx = (uint32_t)seen.state.gpr[RS_RDX],
    };
    return true;
}

static void compare_part(struct rs_probe *probe, const struct rs_claim *claim,
                         const struct cpuid_part *part, struct rs_finding *finding)
{
    const struct kvm_cpuid_entry2 *set = rs_cpuid_find(probe->cpuid, part->leaf, 0);
    struct kvm_cpuid_entry2 answer;
    uint32_t expected, got;

    if (!set || !run_cpuid(probe, claim, part->leaf, &answer, finding))
        return;
    expected = register_at(set, part->offset) & part->mask;
    got = register_at(&answer, part->offset) & part->mask;
    if (expected != got)
        rs_finding_differ_value(finding, part->name, expected, got);
}

/* A machine of its own: CPUID cannot be changed once a vCPU has run. */
static bool open_without(struct rs_probe *other, struct rs_probe *probe,
                         const enum rs_feature *hidden, struct rs_finding *finding)
{
    const struct rs_probe_kind kind = {.no_irqchip = true, .hidden = hidden};
    struct rs_error error;

    if (rs_probe_open(other, probe->kvm_fd, kind, &error) == 0)
        return true;
    rs_finding_set(finding, RS_STATUS_SKIP, "%s", error.message);
    return false;
}

void rs_cpuid_as_set(struct rs_probe *probe, const struct rs_claim *claim,
                     struct rs_finding *finding)
{
    static const enum rs_feature hidden[] = {RS_HIDDEN_FEATURES};
    struct rs_probe other;

    if (!open_without(&other, probe, hidden, finding))
        return;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        compare_part(&other, claim, &parts[i], finding);
    rs_probe_close(&other);
}

void rs_cpuid_hidden_fault(struct rs_probe *probe, const struct rs_claim *claim,
                           struct rs_finding *finding)
{
    const enum rs_feature hidden[] = {(enum rs_feature)claim->argument, RS_FEATURE_NONE};
    struct rs_claim fault = *claim;
    struct rs_probe other;

    if (!open_without(&other, probe, hidden, finding))
        return;
    fault.argument = 0;
    rs_expect_fault(&other, &fault, finding);
    rs_probe_close(&other);
}
