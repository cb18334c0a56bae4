/* SPDX-License-Identifier: MIT
 * KVM_EXIT_X86_RDMSR and KVM_EXIT_X86_WRMSR: the MSR filter's exits. */
#include "exits.h"

enum rs_exit_action rs_exit_msr(struct rs_machine *machine)
{
    struct kvm_run *run = machine->vcpu.run;

    rs_machine_flush_console(machine);
    /* A nonzero error makes KVM raise #GP(0), as the processor does for an MSR that it refuses. */
    run->msr.error =
        rs_hooks_msr(&machine->hooks, run->msr.index, run->exit_reason == KVM_EXIT_X86_WRMSR,
                     (uint64_t *)&run->msr.data) == 0
            ? 0
            : 1;
    return RS_EXIT_RESUME;
}
