/* SPDX-License-Identifier: MIT
 * Probes of CPUID, of the TSC and of CR2. */
#ifndef RINGSCOPE_DOCTOR_REGISTER_PROBES_H
#define RINGSCOPE_DOCTOR_REGISTER_PROBES_H

#include "probe.h"

/* Every feature that a claim takes away. */
#define RS_HIDDEN_FEATURES                                                                         \
    RS_FEATURE_SMAP, RS_FEATURE_FSGSBASE, RS_FEATURE_PKU, RS_FEATURE_RDTSCP, RS_FEATURE_INVPCID,   \
        RS_FEATURE_MOVBE, RS_FEATURE_CLWB, RS_FEATURE_UMIP, RS_FEATURE_NONE

void rs_tsc_adjust(struct rs_probe *probe, const struct rs_claim *claim,
                   struct rs_finding *finding);
/* A guest that reads CR2 into RAX gets what KVM has for it, not what the host's last page fault
 * left. */
void rs_cr2_as_set(struct rs_probe *probe, const struct rs_claim *claim,
                   struct rs_finding *finding);
/* CPUID in the claim's ring, on a vCPU without RS_HIDDEN_FEATURES. */
void rs_cpuid_as_set(struct rs_probe *probe, const struct rs_claim *claim,
                     struct rs_finding *finding);
/* claim->vector, on a vCPU without the feature that claim->argument names. */
void rs_cpuid_hidden_fault(struct rs_probe *probe, const struct rs_claim *claim,
                           struct rs_finding *finding);

#endif
