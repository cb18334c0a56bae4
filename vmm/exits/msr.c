/* SPDX-License-Identifier: MIT
 * KVM_EXIT_X86_RDMSR and KVM_EXIT_X86_WRMSR: the MSR filter's exits. */
#include "exits.h"

enum rs_exit_action rs_exit_msr(struct rs_cpu *cpu)
{
    struct kvm_run *run = cpu->vcpu.run;

    rs_cpu_flush_console_before_event(cpu);
    /* A nonzero error makes KVM raise #GP(0), as the processor does for an MSR that it refuses. */
    run->msr.error =
        rs_hooks_msr(&cpu->hooks, run->msr.index, run->exit_reason == KVM_EXIT_X86_WRMSR,
                     (uint64_t *)&run->msr.data) == 0
            ? 0
            : 1;
    return RS_EXIT_RESUME;
}
