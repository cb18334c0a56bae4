/* SPDX-License-Identifier: MIT
 * Claims: events that come from outside the guest: NMI, interrupts, injected exceptions. */
#include "kvm/events.h"
#include "signal_probe.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/vectors.h>

#define ICR_SELF                                                                                   \
    0x44000 /* SDM Vol. 3A, "Interrupt Command Register (ICR)": self, fixed, assert                \
             */
#define ICR_OFFSET 0x300
#define SVR_OFFSET 0xf0
#define SVR_ENABLE 0x100
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

/* A register of the local APIC, written by the guest in ring 0 with interrupts off. */
static bool write_lapic(struct rs_probe *probe, uint64_t offset, uint32_t value,
                        struct rs_finding *finding)
{
    const struct rs_claim store = {
        .code = RS_CODE("\x89\x03"), /* mov [rbx], eax */
        .setup = {.from = RS_FROM_RING0,
                  .rflags_clear = RFLAGS_IF,
                  .gprs = {RS_GPR(RBX, PROBE_LAPIC + offset), RS_GPR(RAX, value)}},
    };
    struct rs_observation seen;

    if (!rs_prepare_claim(probe, &store, finding))
        return false;
    rs_probe_run(probe, &seen);
    if (!rs_observed(&seen, RS_ARRIVED_DONE))
        rs_expect_outcome(finding, "a write to the local APIC completes", &seen);
    return finding->status == RS_STATUS_OK;
}

static void interrupt(struct rs_probe *probe, const struct rs_claim *claim,
                      struct rs_finding *finding)
{
    const struct rs_cause cause = {.kind = RS_CAUSE_INTERRUPT, .vector = claim->vector};
    struct rs_observation seen;

    probe->worn = true; /* it stays in service */
    if (!write_lapic(probe, SVR_OFFSET, SVR_ENABLE | RS_VECTOR_SPURIOUS, finding) ||
        !write_lapic(probe, ICR_OFFSET, ICR_SELF | claim->vector, finding) ||
        !rs_run_claim(probe, claim, finding, &seen))
        return;
    rs_expect_cause(probe, claim, &probe->before, &cause, &seen, finding);
}

/* One that waits comes behind the instruction that follows STI: at claim->argument. */
static bool request(struct rs_probe *probe, const struct rs_claim *claim,
                    struct rs_finding *finding)
{
    probe->worn = true; /* it stays in service */
    return write_lapic(probe, SVR_OFFSET, SVR_ENABLE | RS_VECTOR_SPURIOUS, finding) &&
           write_lapic(probe, ICR_OFFSET, ICR_SELF | claim->vector, finding) &&
           rs_prepare_claim(probe, claim, finding);
}

static void expect_behind(struct rs_probe *probe, const struct rs_claim *claim,
                          struct rs_finding *finding)
{
    const struct rs_cause cause = {.kind = RS_CAUSE_INTERRUPT, .vector = claim->vector};
    struct rs_cpu_state before = probe->before;
    struct rs_observation seen;

    before.rip += claim->argument;
    before.rflags |= RFLAGS_IF;
    rs_run_prepared(probe, finding, &seen);
    rs_expect_cause(probe, claim, &before, &cause, &seen, finding);
}

static void after_sti(struct rs_probe *probe, const struct rs_claim *claim,
                      struct rs_finding *finding)
{
    if (request(probe, claim, finding))
        expect_behind(probe, claim, finding);
}

/* The vCPU was left between STI and the next instruction, for whatever reason. */
static void shadow(struct rs_probe *probe, const struct rs_claim *claim, struct rs_finding *finding)
{
    if (!request(probe, claim, finding))
        return;
    rs_probe_settle(probe);
    if (rs_vcpu_hold_interrupts(&probe->vcpu) != 0) {
        rs_finding_set(finding, RS_STATUS_ABSENT, "KVM_SET_VCPU_EVENTS fails");
        return;
    }
    expect_behind(probe, claim, finding);
}

/* With one of a higher class in service, and one of claim->vector requested: that one stays so. */
static void lowered_priority(struct rs_probe *probe, const struct rs_claim *claim,
                             struct rs_finding *finding)
{
    const struct rs_claim higher = {.code = RS_CODE("\x90"), .vector = RS_VECTOR_CLOCK};
    struct rs_observation seen;

    interrupt(probe, &higher, finding); /* it is not ended */
    if (finding->status != RS_STATUS_OK ||
        !write_lapic(probe, ICR_OFFSET, ICR_SELF | claim->vector, finding) ||
        !rs_prepare_claim(probe, claim, finding))
        return;
    rs_vcpu_sregs(&probe->vcpu)->cr8 = claim->argument;
    rs_vcpu_sregs_dirty(&probe->vcpu);
    rs_run_prepared(probe, finding, &seen);
    if (!rs_observed(&seen, RS_ARRIVED_DONE))
        rs_expect_outcome(finding, "completes", &seen);
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
        .probe = interrupt,
        .code = NOP,
        .vector = RS_VECTOR_CLOCK,
    },
    {
        .id = "interrupt.ring0",
        .text = "an interrupt waits while IF = 0, and is delivered in ring 0",
        .reference = MASKABLE,
        .probe = interrupt,
        .code = NOP,
        .setup = {.from = RS_FROM_RING0},
        .vector = RS_VECTOR_CLOCK,
    },
    {
        .id = "interrupt.sti",
        .text = "an interrupt that waits is delivered behind the instruction after STI",
        .reference = STI,
        .probe = after_sti,
        .code = RS_CODE("\xfb\x90\x90"), /* sti; nop; nop */
        .setup = {.from = RS_FROM_RING0, .rflags_clear = RFLAGS_IF},
        .vector = RS_VECTOR_CLOCK,
        .argument = 2,
    },
    {
        .id = "interrupt.shadow",
        .text = "it is, too, when the vCPU was left between the two and entered again",
        .reference = STI,
        .probe = shadow,
        .code = RS_CODE("\x90\x90"), /* nop; nop */
        .setup = {.from = RS_FROM_RING0},
        .vector = RS_VECTOR_CLOCK,
        .argument = 1,
    },
    {
        .id = "interrupt.priority",
        .text = "CR8 falls below the class of an interrupt that one in service holds off",
        .reference = THRESHOLD,
        .probe = lowered_priority,
        .code = RS_CODE("\x44\x0f\x22\xc0"), /* mov %rax, %cr8 */
        .setup = {.from = RS_FROM_RING0, .gprs = {RS_GPR(RAX, 2)}},
        .vector = RS_VECTOR_KEYBOARD,
        .argument = 15,
    },
    {
        .id = "tf.ss",
        .text = "RFLAGS.TF and MOV to SS in ring 0: no #DB before the next instruction is done",
        .reference = STACK_SWITCH,
        .probe = rs_expect_done,
        .code = RS_CODE("\x8e\xd0"), /* mov ss, eax */
        .setup = {.from = RS_FROM_RING0,
                  .rflags = RFLAGS_TF,
                  .gprs = {RS_GPR(RAX, KGDT64_R0_DATA)}},
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
