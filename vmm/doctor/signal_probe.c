/* SPDX-License-Identifier: MIT
 * Whether a guest that keeps interrupts off can be interrupted. */
#include "signal_probe.h"

#include <errno.h>

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
    rs_heartbeat_watch(run);
    do { /* a beat before the first instruction is none of a guest that spins */
        result = rs_vcpu_run(&probe->vcpu);
        run->immediate_exit = 0;
    } while ((result == -EINTR || result == -EAGAIN) && rs_vcpu_regs(&probe->vcpu)->rip == start);
    rs_heartbeat_watch(NULL);
    if (result == -EINTR)
        return;
    rs_observe(probe, result, &seen);
    rs_expect_outcome(finding, "is left for the signal", &seen);
}
