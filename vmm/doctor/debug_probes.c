/* SPDX-License-Identifier: MIT
 * Probes of KVM_SET_GUEST_DEBUG. */
#include "hook_probes.h"

#include "kvm/events.h"

#include <ringscope/x86/cpu.h>

/* KVM takes a single step from the RIP that the vCPU has when it is asked for: the state before
 * must be in the vCPU by then. */
static bool prepare(struct rs_probe *probe, const struct rs_claim *claim,
                    struct rs_finding *finding)
{
    if (!rs_prepare_claim(probe, claim, finding))
        return false;
    rs_probe_settle(probe);
    return true;
}

/* The guest must leave by KVM_EXIT_DEBUG at `rip`. `control` is what KVM_SET_GUEST_DEBUG returned,
 * which is taken back. */
static void expect_debug_exit(struct rs_probe *probe, int control, uint64_t rip,
                              struct rs_finding *finding)
{
    struct rs_observation seen;

    if (control != 0) {
        rs_finding_set(finding, RS_STATUS_ABSENT, "KVM_SET_GUEST_DEBUG refuses it");
        return;
    }
    rs_run_prepared(probe, finding, &seen);
    if (seen.end != RS_END_DEBUG)
        rs_expect_outcome(finding, "KVM_EXIT_DEBUG", &seen);
    else if (seen.state.rip != rip)
        rs_finding_differ_value(finding, "RIP", rip, seen.state.rip);
    rs_vcpu_set_guest_debug(&probe->vcpu, 0);
    rs_finding_not_sdm(finding);
}

void rs_hook_software_breakpoint(struct rs_probe *probe, const struct rs_claim *claim,
                                 struct rs_finding *finding)
{
    const uint32_t control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP;

    if (prepare(probe, claim, finding))
        expect_debug_exit(probe, rs_vcpu_set_guest_debug(&probe->vcpu, control), probe->before.rip,
                          finding);
}

/* Taken by the VMM, then given back: what the processor does with an INT3 by itself. */
void rs_hook_give_back(struct rs_probe *probe, const struct rs_claim *claim,
                       struct rs_finding *finding)
{
    const uint32_t control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP;
    const struct rs_cause cause = {.kind = RS_CAUSE_INT3, .length = 1};
    struct rs_observation seen;

    if (!prepare(probe, claim, finding))
        return;
    if (rs_vcpu_set_guest_debug(&probe->vcpu, control) != 0) {
        rs_finding_set(finding, RS_STATUS_ABSENT, "KVM_SET_GUEST_DEBUG refuses it");
        return;
    }
    rs_run_prepared(probe, finding, &seen);
    if (seen.end != RS_END_DEBUG) {
        rs_expect_outcome(finding, "KVM_EXIT_DEBUG", &seen);
    } else if (rs_vcpu_set_guest_debug(&probe->vcpu, control | KVM_GUESTDBG_INJECT_BP) != 0) {
        rs_finding_set(finding, RS_STATUS_ABSENT, "KVM_SET_GUEST_DEBUG refuses it");
    } else {
        rs_run_prepared(probe, finding, &seen);
        rs_expect_cause(probe, claim, &probe->before, &cause, &seen, finding);
    }
    rs_vcpu_set_guest_debug(&probe->vcpu, 0);
    rs_finding_not_sdm(finding);
}

/* On the second instruction: one on the first might be taken for a resumption. */
void rs_hook_hardware_breakpoint(struct rs_probe *probe, const struct rs_claim *claim,
                                 struct rs_finding *finding)
{
    if (prepare(probe, claim, finding)) {
        uint64_t second = probe->before.rip + 1;

        expect_debug_exit(probe, rs_vcpu_set_hw_breakpoints(&probe->vcpu, &second, 1, false),
                          second, finding);
    }
}

/* The instruction at a breakpoint is executed when RF is set: at its own address, not elsewhere. */
void rs_hook_resume_breakpoint(struct rs_probe *probe, const struct rs_claim *claim,
                               struct rs_finding *finding)
{
    struct rs_observation seen;
    uint64_t second;

    if (!prepare(probe, claim, finding))
        return;
    second = probe->before.rip + 1;
    if (rs_vcpu_set_hw_breakpoints(&probe->vcpu, &second, 1, false) != 0) {
        rs_finding_set(finding, RS_STATUS_ABSENT, "KVM_SET_GUEST_DEBUG refuses it");
        return;
    }
    rs_run_prepared(probe, finding, &seen);
    if (seen.end == RS_END_DEBUG) {
        rs_vcpu_regs(&probe->vcpu)->rflags |= RFLAGS_RF;
        rs_vcpu_regs_dirty(&probe->vcpu);
        rs_run_prepared(probe, finding, &seen);
        if (!rs_observed(&seen, RS_ARRIVED_DONE))
            rs_expect_outcome(finding, "completes", &seen);
    } else {
        rs_expect_outcome(finding, "KVM_EXIT_DEBUG", &seen);
    }
    rs_vcpu_set_guest_debug(&probe->vcpu, 0);
    rs_finding_not_sdm(finding);
}

/* DR7.GD beside a breakpoint elsewhere. */
void rs_hook_guard(struct rs_probe *probe, const struct rs_claim *claim, struct rs_finding *finding)
{
    const uint64_t elsewhere = PROBE_TARGET;

    if (!prepare(probe, claim, finding))
        return;
    expect_debug_exit(probe, rs_vcpu_set_hw_breakpoints(&probe->vcpu, &elsewhere, 1, true),
                      probe->before.rip, finding);
    if (finding->status == RS_STATUS_OK && !(probe->vcpu.run->debug.arch.dr6 & DR6_BD))
        rs_finding_set(finding, RS_STATUS_ABSENT, "DR6.BD is 0");
}

void rs_hook_single_step(struct rs_probe *probe, const struct rs_claim *claim,
                         struct rs_finding *finding)
{
    const uint32_t control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP;

    if (prepare(probe, claim, finding))
        expect_debug_exit(probe, rs_vcpu_set_guest_debug(&probe->vcpu, control),
                          probe->before.rip + 1, finding);
}
