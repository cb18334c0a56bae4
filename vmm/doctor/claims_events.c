/* SPDX-License-Identifier: MIT
 * Claims: events that come from outside the guest: NMI, interrupts, injected exceptions. */
#include "interrupt_probes.h"
#include "kvm/events.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/vectors.h>

#define INJECTED_ERROR 0x158

static const struct rs_cause nmi_cause = {.kind = RS_CAUSE_NMI, .vector = RS_VECTOR_NMI};

/* An NMI that is pending when the guest starts: it comes before the instruction. */
static bool deliver_nmi(struct rs_probe *probe, const struct rs_claim *claim,
                        struct rs_finding *finding, struct rs_observation *seen)
{
    if (!rs_prepare_claim(probe, claim, finding))
        return false;
    if (rs_vcpu_nmi(&probe->vcpu) != 0) {
        rs_finding_set(finding, RS_STATUS_ABSENT, "KVM_NMI fails");
        return false;
    }
    rs_run_prepared(probe, finding, seen);
    rs_expect_cause(probe, claim, &probe->before, &nmi_cause, seen, finding);
    return finding->status == RS_STATUS_OK;
}

static void nmi(struct rs_probe *probe, const struct rs_claim *claim, struct rs_finding *finding)
{
    struct rs_observation seen;

    deliver_nmi(probe, claim, finding, &seen);
}

/* In the handler of the first one: two more, and the handler's IRETQ. The NMI frame is what IRETQ
 * pops, so that the second one interrupts the same place. */
static void pending_nmi(struct rs_probe *probe, const struct rs_claim *claim,
                        struct rs_finding *finding)
{
    static const struct rs_code iretq = RS_CODE("\x48\xcf");
    uint64_t rip = PROBE_CODE;
    struct rs_observation seen;

    if (!deliver_nmi(probe, claim, finding, &seen))
        return;
    rs_memory_write(&probe->vm.memory, rip, iretq.bytes, iretq.size);
    rs_vcpu_regs(&probe->vcpu)->rip = rip;
    rs_vcpu_regs_dirty(&probe->vcpu);
    rs_vcpu_nmi(&probe->vcpu);
    rs_vcpu_nmi(&probe->vcpu);
    rs_run_prepared(probe, finding, &seen);
    rs_expect_cause(probe, claim, &probe->before, &nmi_cause, &seen, finding);
    probe->worn = true; /* the third may be pending */
}

static void injected(struct rs_probe *probe, const struct rs_claim *claim,
                     struct rs_finding *finding)
{
    const struct rs_cause cause = {.kind = RS_CAUSE_EXCEPTION,
                                   .vector = claim->vector,
                                   .has_error_code = true,
                                   .error_code = claim->error_code};
    struct rs_observation seen;

    if (!rs_prepare_claim(probe, claim, finding))
        return;
    rs_probe_settle(probe); /* the registers first: putting them in drops what is pending */
    if (rs_vcpu_inject_exception(&probe->vcpu, claim->vector, true, claim->error_code) != 0) {
        rs_finding_set(finding, RS_STATUS_ABSENT, "KVM_SET_VCPU_EVENTS fails");
        return;
    }
    rs_run_prepared(probe, finding, &seen);
    rs_expect_cause(probe, claim, &probe->before, &cause, &seen, finding);
}

/* With CR4.MCE, or it would be a shutdown. */
static void machine_check(struct rs_probe *probe, const struct rs_claim *claim,
                          struct rs_finding *finding)
{
    static const struct rs_cause cause = {.kind = RS_CAUSE_EXCEPTION, .vector = RS_VECTOR_MC};
    struct rs_observation seen;

    probe->worn = true; /* MCG_STATUS.MCIP stays set */
    if (!rs_prepare_claim(probe, claim, finding))
        return;
    rs_probe_settle(probe);
    if (rs_vcpu_machine_check(&probe->vcpu) != 0) {
        rs_finding_set(finding, RS_STATUS_ABSENT, "KVM_X86_SET_MCE fails");
        return;
    }
    rs_run_prepared(probe, finding, &seen);
    rs_expect_cause(probe, claim, &probe->before, &cause, &seen, finding);
}

/* Where a plain step goes wrong this one may end the host: Bochs's SVM. */
static void step_over_ss(struct rs_probe *probe, const struct rs_claim *claim,
                         struct rs_finding *finding)
{
    const struct rs_claim *plain = rs_claim_find(&rs_group_exceptions, "tf.ring0");
    struct rs_finding step = {.claim = plain};

    plain->probe(probe, plain, &step);
    if (step.status == RS_STATUS_OK)
        rs_expect_trap(probe, claim, finding);
    else
        rs_finding_set(finding, RS_STATUS_SKIP, "a plain single step departs: tf.ring0");
}

#define NMI "SDM Vol. 3A, \"Nonmaskable Interrupt (NMI)\""
#define NMIS "SDM Vol. 3A, \"Handling Multiple NMIs\""
#define MASKABLE "SDM Vol. 3A, \"Masking Maskable Hardware Interrupts\""
#define MACHINE_CHECK "SDM Vol. 3A, \"Interrupt 18 - Machine-Check Exception (#MC)\""
#define ERROR_CODE "SDM Vol. 3A, \"Error Code\""
#define SDM_PF "SDM Vol. 3A, \"Interrupt 14 - Page-Fault Exception (#PF)\""
#define INT_N "SDM Vol. 2A, \"INT n/INTO/INT3/INT1 - Call to Interrupt Procedure\""
#define STACK_SWITCH "SDM Vol. 3A, \"Masking Exceptions and Interrupts When Switching Stacks\""
#define STI "SDM Vol. 2B, \"STI\""
#define THRESHOLD "SDM Vol. 3C, \"VM Exits Induced by the TPR Threshold\""
#define EVENT_BLOCKING "SDM Vol. 3C, \"Event Blocking\""
#define EVENTS "KVM API, \"KVM_SET_VCPU_EVENTS\""
#define NOP RS_CODE("\x90")

static const struct rs_claim claims[] = {
    {
        .id = "tf.ss",
        .text = "RFLAGS.TF and MOV to SS in ring 0: #DB behind the next instruction",
        .reference = STACK_SWITCH,
        .probe = step_over_ss,
        .vector = RS_VECTOR_DB,
        .code = RS_CODE("\x8e\xd0\x90"), /* mov ss, eax; nop */
        .setup = {.from = RS_FROM_RING0,
                  .rflags = RFLAGS_TF,
                  .gprs = {RS_GPR(RAX, KGDT64_R0_DATA)}},
    },
    {
        .id = "nmi.ring3",
        .text = "an NMI in ring 3 is delivered on the IST stack of vector 2",
        .reference = NMI,
        .probe = nmi,
        .code = NOP,
        .setup = {.gate = {.vector = RS_VECTOR_NMI, .ist = 3}},
    },
    {
        .id = "nmi.ring0",
        .text = "an NMI in ring 0 is delivered on the IST stack of vector 2",
        .reference = NMI,
        .probe = nmi,
        .code = NOP,
        .setup = {.from = RS_FROM_RING0, .gate = {.vector = RS_VECTOR_NMI, .ist = 3}},
    },
    {
        .id = "nmi.gate.absent",
        .text = "an NMI through a gate that is not present raises #NP(8n+3), RF = 1",
        .reference = ERROR_CODE,
        .probe = nmi,
        .code = NOP,
        .setup = {.gate = {.vector = RS_VECTOR_NMI, .flip = {RS_U64(1) << 47}}},
        .judges_rf = true,
    },
    {
        .id = "nmi.stack.absent",
        .text = "an NMI onto a stack that is not mapped raises #PF(W), CR2",
        .reference = SDM_PF,
        .probe = nmi,
        .code = NOP,
        .setup = {.gate = {.vector = RS_VECTOR_NMI, .ist = 7}, .ist7 = PROBE_NOT_PRESENT + 0x800},
        .judges_rf = true,
    },
    {
        .id = "nmi.stack.edge",
        .text = "an NMI onto a stack whose top is not canonical, but its frame is, raises #SS(1)",
        .reference = INT_N,
        .probe = nmi,
        .code = NOP,
        .setup = {.gate = {.vector = RS_VECTOR_NMI, .ist = 7}, .ist7 = PROBE_CANONICAL_END},
    },
    {
        .id = "nmi.pending",
        .text = "an NMI that comes during another one is delivered after its IRETQ, ring 3",
        .reference = NMIS,
        .probe = pending_nmi,
        .code = NOP,
        .setup = {.gate = {.vector = RS_VECTOR_NMI, .ist = 3}},
    },
    {
        .id = "nmi.pending.ring0",
        .text = "an NMI that comes during another one is delivered after its IRETQ, ring 0",
        .reference = NMIS,
        .probe = pending_nmi,
        .code = NOP,
        .setup = {.from = RS_FROM_RING0, .gate = {.vector = RS_VECTOR_NMI, .ist = 3}},
    },
    {
        .id = "mc.ring3",
        .text = "a machine check in ring 3 is delivered on the IST stack of vector 18",
        .reference = MACHINE_CHECK,
        .probe = machine_check,
        .code = NOP,
        .setup = {.cr4 = CR4_MCE, .gate = {.vector = RS_VECTOR_MC, .ist = 2}},
    },
    {
        .id = "mc.ring0",
        .text = "a machine check in ring 0 is delivered on the IST stack of vector 18",
        .reference = MACHINE_CHECK,
        .probe = machine_check,
        .code = NOP,
        .setup = {.from = RS_FROM_RING0,
                  .cr4 = CR4_MCE,
                  .gate = {.vector = RS_VECTOR_MC, .ist = 2}},
    },
    {
        .id = "interrupt.ring3",
        .text = "an interrupt waits while IF = 0, and is delivered in ring 3",
        .reference = MASKABLE,
        .probe = rs_interrupt_waits,
        .code = NOP,
        .vector = RS_VECTOR_CLOCK,
    },
    {
        .id = "interrupt.ring0",
        .text = "an interrupt waits while IF = 0, and is delivered in ring 0",
        .reference = MASKABLE,
        .probe = rs_interrupt_waits,
        .code = NOP,
        .setup = {.from = RS_FROM_RING0},
        .vector = RS_VECTOR_CLOCK,
    },
    {
        .id = "interrupt.sti",
        .text = "an interrupt that waits is delivered behind the instruction after STI",
        .reference = STI,
        .probe = rs_interrupt_after_sti,
        .code = RS_CODE("\xfb\x90\x90"), /* sti; nop; nop */
        .setup = {.from = RS_FROM_RING0, .rflags_clear = RFLAGS_IF},
        .vector = RS_VECTOR_CLOCK,
        .argument = 2,
    },
    {
        .id = "interrupt.shadow",
        .text = "it is, too, when the vCPU was left between the two and entered again",
        .reference = STI,
        .probe = rs_interrupt_in_shadow,
        .code = RS_CODE("\x90\x90"), /* nop; nop */
        .setup = {.from = RS_FROM_RING0},
        .vector = RS_VECTOR_CLOCK,
        .argument = 1,
    },
    {
        .id = "interrupt.priority",
        .text = "CR8 falls below the class of an interrupt that one in service holds off",
        .reference = THRESHOLD,
        .probe = rs_interrupt_held_off,
        .code = RS_CODE("\x44\x0f\x22\xc0"), /* mov %rax, %cr8 */
        .setup = {.from = RS_FROM_RING0, .gprs = {RS_GPR(RAX, 2)}},
        .vector = RS_VECTOR_KEYBOARD,
        .argument = 15,
    },
    {
        .id = "signal.ring3",
        .text = "a signal takes a vCPU out of KVM_RUN that spins in ring 3 with IF = 0",
        .reference = EVENT_BLOCKING,
        .probe = rs_leaves_for_signal,
        .setup = {.rflags_clear = RFLAGS_IF},
    },
    {
        .id = "signal.ring0",
        .text = "a signal takes a vCPU out of KVM_RUN that spins in ring 0 with IF = 0",
        .reference = EVENT_BLOCKING,
        .probe = rs_leaves_for_signal,
        .setup = {.from = RS_FROM_RING0, .rflags_clear = RFLAGS_IF},
    },
    {
        .id = "inject.ring3",
        .text = "an injected #GP is delivered in ring 3 with its error code",
        .reference = EVENTS,
        .probe = injected,
        .code = NOP,
        .vector = RS_VECTOR_GP,
        .error_code = INJECTED_ERROR,
    },
    {
        .id = "inject.ring0",
        .text = "an injected #GP is delivered in ring 0 with its error code",
        .reference = EVENTS,
        .probe = injected,
        .code = NOP,
        .setup = {.from = RS_FROM_RING0},
        .vector = RS_VECTOR_GP,
        .error_code = INJECTED_ERROR,
    },
    {
        .id = "inject.df",
        .text = "an injected #GP through a gate that is not present becomes #DF",
        .reference = EVENTS,
        .probe = injected,
        .code = NOP,
        .setup = {.gate = {.vector = RS_VECTOR_GP, .flip = {RS_U64(1) << 47}}},
        .vector = RS_VECTOR_GP,
        .error_code = INJECTED_ERROR,
    },
};

const struct rs_group rs_group_events = {
    .name = "events",
    .title = "NMI, interrupts, injection",
    .claims = claims,
    .count = sizeof(claims) / sizeof(claims[0]),
};
