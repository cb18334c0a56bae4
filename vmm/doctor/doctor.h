/* SPDX-License-Identifier: MIT
 * The doctor: every claim about this host, measured now. */
#ifndef RINGSCOPE_DOCTOR_H
#define RINGSCOPE_DOCTOR_H

#include "doctor/claim.h"
#include "error.h"
#include "hooks/kinds.h"

#include <stdio.h>
#include <sys/utsname.h>

struct rs_examination {
    struct utsname host;
    bool emulated; /* this machine is itself emulated */
    enum rs_vendor guest_vendor;
    struct rs_finding *findings; /* owned; in the order of rs_groups */
    size_t count;
    unsigned totals[RS_STATUS_COUNT];
    uint32_t needs; /* RS_NEED_* */
    struct rs_hook_costs hook_costs;
    struct rs_hook_kinds hook_kinds; /* that --hook-kind=auto takes by these costs */
};

/* Measures all claims. Returns 0, or -1 when no VM can be had. */
int rs_examine(int kvm_fd, struct rs_examination *examination, struct rs_error *error);
void rs_examination_free(struct rs_examination *examination);

/* What repair needs for a finding: RS_NEED_*. */
uint32_t rs_finding_needs(const struct rs_finding *finding);

/* Adds that to *needs. run_failed: errno of a KVM_RUN that failed while it was measured, or 0.
 * Returns 0, or -1: it was not measured. */
int rs_needs_add(const struct rs_finding *finding, int run_failed, uint32_t *needs,
                 struct rs_error *error);

struct rs_probe;
/* Measures one claim on a machine, which is made anew if the one before wore it out. Returns 0 or
 * -1: there is no machine any more. */
int rs_measure(struct rs_probe *probe, const struct rs_claim *claim, struct rs_finding *finding,
               struct rs_error *error);

/* The reports. `verbose`: also what was seen where all is well. Return 0, or -1: out of memory or
 * the stream failed. */
struct rs_report_style {
    bool verbose, colour;
};
int rs_examination_print(const struct rs_examination *examination, struct rs_report_style style,
                         FILE *out);
int rs_examination_print_json(const struct rs_examination *examination, FILE *out);

/* Names of what RS_NEED_* bits repair; NULL past the last one. */
const char *rs_need_name(unsigned index, uint32_t *bit);

#endif
