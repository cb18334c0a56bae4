/* SPDX-License-Identifier: MIT
 * Probes of interrupts: of the guest by its local APIC, and of the vCPU by a signal. */
#ifndef RINGSCOPE_DOCTOR_INTERRUPT_PROBES_H
#define RINGSCOPE_DOCTOR_INTERRUPT_PROBES_H

#include "probe.h"

/* One of claim->vector is requested with IF = 0, and taken before the code, which has IF = 1. */
void rs_interrupt_waits(struct rs_probe *probe, const struct rs_claim *claim,
                        struct rs_finding *finding);
/* One that waits comes behind the instruction that follows STI: at claim->argument. */
void rs_interrupt_after_sti(struct rs_probe *probe, const struct rs_claim *claim,
                            struct rs_finding *finding);
/* The same where the vCPU was left between STI and that instruction. */
void rs_interrupt_in_shadow(struct rs_probe *probe, const struct rs_claim *claim,
                            struct rs_finding *finding);
/* The code completes with one of a higher class in service and one of claim->vector requested, CR8
 * = claim->argument before it. */
void rs_interrupt_held_off(struct rs_probe *probe, const struct rs_claim *claim,
                           struct rs_finding *finding);
/* A signal of the thread takes a vCPU out of KVM_RUN that spins with the claim's RFLAGS, entered
 * with them, and without any other exit: what every timeout, budget and Ctrl-C rests on. */
void rs_leaves_for_signal(struct rs_probe *probe, const struct rs_claim *claim,
                          struct rs_finding *finding);

#endif
