/* SPDX-License-Identifier: MIT
 * Whether a guest that keeps interrupts off can be interrupted. */
#ifndef RINGSCOPE_DOCTOR_SIGNAL_PROBE_H
#define RINGSCOPE_DOCTOR_SIGNAL_PROBE_H

#include "probe.h"

/* A signal of the thread takes a vCPU out of KVM_RUN that spins with the claim's RFLAGS, entered
 * with them, and without any other exit: what every timeout, budget and Ctrl-C rests on. */
void rs_leaves_for_signal(struct rs_probe *probe, const struct rs_claim *claim,
                          struct rs_finding *finding);

#endif
