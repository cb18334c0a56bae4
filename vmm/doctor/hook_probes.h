/* SPDX-License-Identifier: MIT
 * Probes of the ways in which KVM lets a VMM see what the guest does. */
#ifndef RINGSCOPE_DOCTOR_HOOK_PROBES_H
#define RINGSCOPE_DOCTOR_HOOK_PROBES_H

#include "probe.h"

/* A hook that does not work is RS_STATUS_ABSENT: nothing that the guest can see departs. */
void rs_hook_wrmsr(struct rs_probe *probe, const struct rs_claim *claim,
                   struct rs_finding *finding);
void rs_hook_rdmsr(struct rs_probe *probe, const struct rs_claim *claim,
                   struct rs_finding *finding);
void rs_hook_gate(struct rs_probe *probe, const struct rs_claim *claim, struct rs_finding *finding);
void rs_hook_site(struct rs_probe *probe, const struct rs_claim *claim, struct rs_finding *finding);
void rs_hook_mmio(struct rs_probe *probe, const struct rs_claim *claim, struct rs_finding *finding);
void rs_hook_software_breakpoint(struct rs_probe *probe, const struct rs_claim *claim,
                                 struct rs_finding *finding);
void rs_hook_give_back(struct rs_probe *probe, const struct rs_claim *claim,
                       struct rs_finding *finding);
void rs_hook_hardware_breakpoint(struct rs_probe *probe, const struct rs_claim *claim,
                                 struct rs_finding *finding);
void rs_hook_resume_breakpoint(struct rs_probe *probe, const struct rs_claim *claim,
                               struct rs_finding *finding);
void rs_hook_guard(struct rs_probe *probe, const struct rs_claim *claim,
                   struct rs_finding *finding);
void rs_hook_single_step(struct rs_probe *probe, const struct rs_claim *claim,
                         struct rs_finding *finding);

#endif
