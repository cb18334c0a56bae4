/* SPDX-License-Identifier: MIT
 * VM exits: what to do after KVM_RUN returned. */
#ifndef RINGSCOPE_EXITS_H
#define RINGSCOPE_EXITS_H

#include "machine/machine.h"

enum rs_exit_action {
    RS_EXIT_RESUME,
    RS_EXIT_STOP
};

/* Handles the exit that cpu->vcpu.run describes. Needs no KVM: tests hand in fabricated pages.
 * Anything that cannot be handled stops the machine with a message. */
enum rs_exit_action rs_exit_handle(struct rs_cpu *cpu);

/* One handler for each family of exits. KVM API, "The kvm_run structure". */
enum rs_exit_action rs_exit_io(struct rs_cpu *cpu);
enum rs_exit_action rs_exit_mmio(struct rs_cpu *cpu);
enum rs_exit_action rs_exit_msr(struct rs_cpu *cpu);
enum rs_exit_action rs_exit_internal_error(struct rs_cpu *cpu);
enum rs_exit_action rs_exit_hyperv(struct rs_cpu *cpu);
enum rs_exit_action rs_exit_debug(struct rs_cpu *cpu);

/* Stops the machine for a reason that lies in the guest or the host: adds RIP and the instruction.
 */
enum rs_exit_action rs_exit_crash(struct rs_cpu *cpu, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Something of the guest's has gone to a hook by another way than a transition. */
enum rs_exit_action rs_exit_unexplained(struct rs_cpu *cpu);

#endif
