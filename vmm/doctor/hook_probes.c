/* SPDX-License-Identifier: MIT
 * Probes of exits: MSR filter, fetches, ports, memory. */
#include "hook_probes.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/msr.h>
#include <string.h>

#define ANSWER RS_U64(0x1122334455667788)

static bool set_filter(struct rs_probe *probe, uint32_t index)
{
    const struct rs_msr_range range = {.first = index, .last = index, .read = true, .write = true};
    struct rs_error error;

    return rs_vm_set_msr_filter(&probe->vm, &range, index ? 1 : 0, &error) == 0;
}

static void expect_end(struct rs_finding *finding, enum rs_end end,
                       const struct rs_observation *seen)
{
    const struct rs_observation expected = {.end = end};
    char text[96];

    rs_describe(&expected, text, sizeof(text));
    if (seen->end != end)
        rs_expect_outcome(finding, text, seen);
}

static void expect_value(struct rs_finding *finding, const char *field, uint64_t expected,
                         uint64_t got)
{
    if (expected != got)
        rs_finding_differ_value(finding, field, expected, got);
}

/* The guest runs on and completes the instruction that it left in. */
static void expect_completion(struct rs_probe *probe, struct rs_finding *finding,
                              struct rs_observation *seen)
{
    rs_probe_run(probe, seen);
    if (!rs_observed(seen, RS_ARRIVED_DONE))
        rs_expect_outcome(finding, "completes", seen);
}

/* With the filter on this MSR: true when the guest left as it should. */
static bool run_filtered(struct rs_probe *probe, const struct rs_claim *claim, uint32_t index,
                         enum rs_end end, struct rs_finding *finding, struct rs_observation *seen)
{
    if (!set_filter(probe, index)) {
        rs_finding_set(finding, RS_STATUS_ABSENT, "KVM_X86_SET_MSR_FILTER fails");
        return false;
    }
    if (!rs_run_claim(probe, claim, finding, seen))
        return false;
    expect_end(finding, end, seen);
    if (finding->status == RS_STATUS_OK)
        expect_value(finding, "MSR", index, probe->vcpu.run->msr.index);
    return finding->status == RS_STATUS_OK;
}

void rs_hook_wrmsr(struct rs_probe *probe, const struct rs_claim *claim, struct rs_finding *finding)
{
    struct kvm_run *run = probe->vcpu.run;
    struct rs_observation seen;

    if (run_filtered(probe, claim, MSR_STAR, RS_END_WRMSR, finding, &seen)) {
        const uint64_t *gpr = probe->before.gpr;

        expect_value(finding, "value", gpr[RS_RDX] << 32 | gpr[RS_RAX], run->msr.data);
        run->msr.error = 0;
        expect_completion(probe, finding, &seen);
    }
    set_filter(probe, 0);
    rs_finding_not_sdm(finding);
}

void rs_hook_rdmsr(struct rs_probe *probe, const struct rs_claim *claim, struct rs_finding *finding)
{
    struct kvm_run *run = probe->vcpu.run;
    struct rs_observation seen;

    if (run_filtered(probe, claim, MSR_LSTAR, RS_END_RDMSR, finding, &seen)) {
        run->msr.data = ANSWER;
        run->msr.error = 0;
        expect_completion(probe, finding, &seen);
        expect_value(finding, "EAX", ANSWER & UINT32_MAX, seen.state.gpr[RS_RAX]);
        expect_value(finding, "EDX", ANSWER >> 32, seen.state.gpr[RS_RDX]);
    }
    set_filter(probe, 0);
    rs_finding_not_sdm(finding);
}

void rs_hook_gate(struct rs_probe *probe, const struct rs_claim *claim, struct rs_finding *finding)
{
    struct rs_observation seen;

    if (!rs_run_claim(probe, claim, finding, &seen))
        return;
    if (rs_observed(&seen, RS_ARRIVED_DONE))
        rs_compare_registers(finding, &probe->before, &seen.state);
    else
        rs_expect_outcome(finding, "leaves at the gate", &seen);
    rs_finding_not_sdm(finding);
}

static void send_elsewhere(struct rs_probe *probe, struct rs_finding *finding,
                           struct rs_observation *seen)
{
    rs_vcpu_regs(&probe->vcpu)->rip = PROBE_TARGET;
    rs_vcpu_regs_dirty(&probe->vcpu);
    rs_probe_run(probe, seen);
    if (!rs_observed(seen, RS_ARRIVED_TARGET))
        rs_expect_outcome(finding, "goes where the VMM sends it", seen);
}

/* RIP may be reported at the OUT or behind it: both are useful, the finding says which. */
void rs_hook_site(struct rs_probe *probe, const struct rs_claim *claim, struct rs_finding *finding)
{
    const struct kvm_run *run = probe->vcpu.run;
    struct rs_observation seen;

    if (!rs_run_claim(probe, claim, finding, &seen))
        return;
    expect_end(finding, RS_END_IO, &seen);
    if (finding->status == RS_STATUS_OK) {
        rs_finding_observe(finding, "RIP is reported %s the OUT",
                           seen.state.rip == probe->before.rip ? "at" : "after");
        expect_value(finding, "port", (uint8_t)claim->code.bytes[1], run->io.port);
        rs_probe_settle(probe);
        send_elsewhere(probe, finding, &seen);
    }
    rs_finding_not_sdm(finding);
}

void rs_hook_mmio(struct rs_probe *probe, const struct rs_claim *claim, struct rs_finding *finding)
{
    const struct kvm_run *run = probe->vcpu.run;
    struct rs_observation seen;
    uint64_t value;

    if (!rs_run_claim(probe, claim, finding, &seen))
        return;
    expect_end(finding, RS_END_MMIO, &seen);
    if (finding->status == RS_STATUS_OK) {
        memcpy(&value, run->mmio.data, sizeof(value));
        expect_value(finding, "value", probe->before.gpr[RS_RAX], value);
        expect_value(finding, "address", RS_GPA_GATE_WINDOW + PROBE_MMIO, run->mmio.phys_addr);
        expect_completion(probe, finding, &seen);
    }
    rs_finding_not_sdm(finding);
}
