/* SPDX-License-Identifier: MIT
 * KVM_EXIT_X86_RDMSR and KVM_EXIT_X86_WRMSR: the MSR filter's exits. */
#include "exits.h"

#include <string.h>

enum rs_exit_action rs_exit_msr(struct rs_cpu *cpu)
{
    struct kvm_run *run = cpu->vcpu.run;
    bool write = run->exit_reason == KVM_EXIT_X86_WRMSR;
    int result;

    rs_cpu_flush_console_before_event(cpu);
    result = rs_hooks_msr(&cpu->hooks, run->msr.index, write, (uint64_t *)&run->msr.data);
    if (result < 0)
        return rs_exit_crash(cpu, "the host cannot %s MSR %#x: %s", write ? "write" : "read",
                             run->msr.index, strerror(-result));
    /* A nonzero error makes KVM raise #GP(0), as the processor does for an MSR that it refuses. */
    run->msr.error = result == 0 ? 0 : 1;
    return RS_EXIT_RESUME;
}
