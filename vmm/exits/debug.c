/* SPDX-License-Identifier: MIT
 * KVM_EXIT_DEBUG: hooks that are breakpoints of the VMM. */
#include "exits.h"

enum rs_exit_action rs_exit_debug(struct rs_cpu *cpu)
{
    rs_cpu_flush_console_before_event(cpu);
    switch (rs_hooks_breakpoint(&cpu->hooks)) {
    case RS_FETCH_HANDLED:
        return RS_EXIT_RESUME;
    case RS_FETCH_FAILED:
        return rs_exit_unexplained(cpu);
    default:
        return rs_exit_crash(cpu, "KVM_EXIT_DEBUG by exception %u, which belongs to no hook",
                             cpu->vcpu.run->debug.arch.exception);
    }
}
