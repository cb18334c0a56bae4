/* SPDX-License-Identifier: MIT
 * KVM_EXIT_INTERNAL_ERROR: fetches from the gate window, and what the host cannot emulate. */
#include "exits.h"

enum rs_exit_action rs_exit_internal_error(struct rs_cpu *cpu)
{
    struct kvm_run *run = cpu->vcpu.run;

    if (run->internal.suberror != KVM_INTERNAL_ERROR_EMULATION)
        return rs_exit_crash(cpu, "KVM internal error, suberror %u", run->internal.suberror);
    rs_cpu_flush_console_before_event(cpu);
    rs_vcpu_fetch(&cpu->vcpu);
    switch (rs_hooks_fetch(&cpu->hooks)) {
    case RS_FETCH_HANDLED:
        return RS_EXIT_RESUME;
    case RS_FETCH_FAILED:
        return rs_exit_unexplained(cpu);
    default:
        return rs_exit_crash(cpu, "the host cannot execute this instruction");
    }
}
