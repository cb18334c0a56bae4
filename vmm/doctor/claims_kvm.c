/* SPDX-License-Identifier: MIT
 * Claims: what this KVM offers. */
#include "kvm/kvm_host.h"
#include "probe.h"

#include <linux/kvm.h>

static void capability(struct rs_probe *probe, const struct rs_claim *claim,
                       struct rs_finding *finding)
{
    int answer = rs_kvm_capability(probe->kvm_fd, (int)claim->argument);

    if (answer == 0)
        finding->status = RS_STATUS_ABSENT;
    else
        rs_finding_observe(finding, "%#x", (unsigned)answer);
}

/* X(capability, what it is): what ringscope can do without. */
#define OPTIONAL(X)                                                                                \
    X(KVM_CAP_SET_GUEST_DEBUG, "breakpoints and single steps of the VMM")                          \
    X(KVM_CAP_USER_NMI, "NMIs from the VMM")                                                       \
    X(KVM_CAP_VCPU_EVENTS, "injected exceptions")                                                  \
    X(KVM_CAP_MCE, "machine checks from the VMM")                                                  \
    X(KVM_CAP_EXCEPTION_PAYLOAD, "CR2 and DR6 with a pending exception")                           \
    X(KVM_CAP_X86_TRIPLE_FAULT_EVENT, "pending triple faults")                                     \
    X(KVM_CAP_DEBUGREGS, "debug registers")                                                        \
    X(KVM_CAP_XCRS, "extended control registers")                                                  \
    X(KVM_CAP_GET_TSC_KHZ, "frequency of the guest's TSC")                                         \
    X(KVM_CAP_TSC_CONTROL, "a guest TSC of another frequency")                                     \
    X(KVM_CAP_TSC_DEADLINE_TIMER, "LAPIC timer by TSC deadline")                                   \
    X(KVM_CAP_READONLY_MEM, "read-only memory slots")                                              \
    X(KVM_CAP_PIT2, "in-kernel 8254 timer")                                                        \
    X(KVM_CAP_SPLIT_IRQCHIP, "LAPIC in the kernel, IOAPIC and PIC in the VMM")                     \
    X(KVM_CAP_IOEVENTFD, "port and memory writes to an eventfd")                                   \
    X(KVM_CAP_IRQFD, "interrupts from an eventfd")                                                 \
    X(KVM_CAP_COALESCED_MMIO, "memory writes that wait for the next exit")                         \
    X(KVM_CAP_COALESCED_PIO, "port writes that wait for the next exit")                            \
    X(KVM_CAP_DIRTY_LOG_RING, "ring of written pages")                                             \
    X(KVM_CAP_BINARY_STATS_FD, "counters of the kernel's exits")                                   \
    X(KVM_CAP_NESTED_STATE, "a hypervisor inside the guest")                                       \
    X(KVM_CAP_PMU_CAPABILITY, "performance counters in the guest")                                 \
    X(KVM_CAP_X86_SMM, "system management mode")                                                   \
    X(KVM_CAP_HYPERV, "Hyper-V enlightenments")                                                    \
    X(KVM_CAP_X86_NOTIFY_VMEXIT, "exit from a guest that blocks event delivery")

static const struct rs_claim claims[] = {
/* What is required comes first: rs_kvm_open() has found all of it. */
#define X(capability_, title)                                                                      \
    {                                                                                              \
        .id = #capability_,                                                                        \
        .text = (title),                                                                           \
        .reference = "KVM API, \"" #capability_ "\"",                                              \
        .probe = capability,                                                                       \
        .argument = (capability_),                                                                 \
    },
    RS_KVM_REQUIRED(X) OPTIONAL(X)
#undef X
};

const struct rs_group rs_group_kvm = {
    .name = "kvm",
    .title = "What KVM offers",
    .claims = claims,
    .count = sizeof(claims) / sizeof(claims[0]),
};
