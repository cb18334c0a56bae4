/* SPDX-License-Identifier: MIT
 * Probes of interrupts: of the guest by its local APIC, and of the vCPU by a signal. */
#include "interrupt_probes.h"

#include "kvm/events.h"

#include <errno.h>
#include <ringscope/x86/cpu.h>
#include <ringscope/x86/vectors.h>

#define ICR_SELF                                                                                   \
    0x44000 /* SDM Vol. 3A, "Interrupt Command Register (ICR)": self, fixed, assert                \
             */
#define ICR_OFFSET 0x300
#define SVR_OFFSET 0xf0
#define SVR_ENABLE 0x100

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

void rs_interrupt_waits(struct rs_probe *probe, const struct rs_claim *claim,
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

void rs_interrupt_after_sti(struct rs_probe *probe, const struct rs_claim *claim,
                            struct rs_finding *finding)
{
    if (request(probe, claim, finding))
        expect_behind(probe, claim, finding);
}

/* The vCPU was left between STI and the next instruction, for whatever reason. */
void rs_interrupt_in_shadow(struct rs_probe *probe, const struct rs_claim *claim,
                            struct rs_finding *finding)
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
void rs_interrupt_held_off(struct rs_probe *probe, const struct rs_claim *claim,
                           struct rs_finding *finding)
{
    const struct rs_claim higher = {.code = RS_CODE("\x90"), .vector = RS_VECTOR_CLOCK};
    struct rs_observation seen;

    rs_interrupt_waits(probe, &higher, finding); /* it is not ended */
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

#define SPIN_MS 200 /* many beats of the heartbeat */

/* Until so many ticks as RSI says have passed. */
static const struct rs_code spin = RS_CODE("\x0f\x31"         /*    rdtsc */
                                           "\x48\xc1\xe2\x20" /*    shl $32, %rdx */
                                           "\x48\x09\xd0"     /*    or %rdx, %rax */
                                           "\x4c\x8d\x04\x30" /*    lea (%rax, %rsi), %r8 */
                                           "\x0f\x31"         /* 1: rdtsc */
                                           "\x48\xc1\xe2\x20" /*    shl $32, %rdx */
                                           "\x48\x09\xd0"     /*    or %rdx, %rax */
                                           "\x4c\x39\xc0"     /*    cmp %r8, %rax */
                                           "\x72\xf2");       /*    jb 1b */

void rs_leaves_for_signal(struct rs_probe *probe, const struct rs_claim *claim,
                          struct rs_finding *finding)
{
    struct rs_claim spinning = *claim;
    uint64_t ticks = rs_vcpu_tsc_hz(&probe->vcpu) / 1000 * SPIN_MS;
    struct kvm_run *run = probe->vcpu.run;
    enum rs_verdict verdict = RS_VERDICT_WAIT;
    struct rs_patience patience;
    struct rs_observation seen;
    uint64_t start;
    int result;

    if (ticks == 0) {
        rs_finding_set(finding, RS_STATUS_SKIP, "KVM_GET_TSC_KHZ does not tell how long to spin");
        return;
    }
    spinning.code = spin;
    if (!rs_prepare_claim(probe, &spinning, finding))
        return;
    start = probe->before.rip;
    rs_vcpu_regs(&probe->vcpu)->rsi = ticks;
    rs_vcpu_regs_dirty(&probe->vcpu);
    rs_patience_begin(&patience);
    rs_heartbeat_watch(run);
    do { /* a beat before the first instruction is none of a guest that spins */
        result = rs_vcpu_run(&probe->vcpu);
        run->immediate_exit = 0;
        if (result == -EINTR && rs_vcpu_regs(&probe->vcpu)->rip != start)
            break;
        verdict = rs_patience_verdict(&patience);
    } while ((result == -EINTR || result == -EAGAIN) && verdict == RS_VERDICT_WAIT);
    rs_heartbeat_watch(NULL);
    if (result == -EINTR && verdict == RS_VERDICT_WAIT)
        return;
    rs_observe(probe, result, &seen);
    rs_expect_outcome(finding, "is left for the signal", &seen);
}
