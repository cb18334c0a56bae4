/* SPDX-License-Identifier: MIT
 * What the files of machine/ share about threads. */
#ifndef RINGSCOPE_MACHINE_INTERNAL_H
#define RINGSCOPE_MACHINE_INTERNAL_H

#include "machine.h"

#include <signal.h>

/*
 * A stop must not slip between the check of `stopping` and KVM_RUN. The kick is a signal whose
 * handler sets kvm_run.immediate_exit: KVM API, "KVM_CAP_IMMEDIATE_EXIT". If it comes before
 * KVM_RUN, KVM_RUN returns at once; if during it, KVM_RUN returns EINTR. So it does when
 * the vCPU halts, or waits for a SIPI.
 */
#define RS_KICK_SIGNAL SIGUSR1

/* run.c: the handler. */
void rs_cpu_on_kick(int signal);

/* threads.c: with run_lock, and `stopping` not set. */
void rs_cpu_stop_locked(struct rs_cpu *cpu, enum rs_stop_kind kind);

/* pause.c: when the hooks are to be toggled, waits until all vCPU threads have come here, and has
 * one of them do it. */
void rs_cpu_obey(struct rs_cpu *cpu);
/* This thread ends: nobody is to wait for it. */
void rs_cpu_leave(struct rs_cpu *cpu);

#endif
