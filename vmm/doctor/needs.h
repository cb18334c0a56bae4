/* SPDX-License-Identifier: MIT
 * What must be repaired on this host, and what a hook costs: measured now. */
#ifndef RINGSCOPE_NEEDS_H
#define RINGSCOPE_NEEDS_H

#include "error.h"
#include "hooks/kinds.h"

#include <stdint.h>

/* Runs the few probes that repair depends on in a VM of their own (a few milliseconds) and fills
 * *needs with RS_NEED_* bits (hooks/hooks.h). Returns 0, or -1 when no VM can be had. */
int rs_doctor_needs(int kvm_fd, uint32_t *needs, struct rs_error *error);

/* What the exits of the hooks add to a span in which the guest does nothing: the median time from
 * the resumption of a guest to its next exit by OUT, in ticks of the TSC. Takes a few milliseconds.
 * Returns 0, or -1 when no VM can be had. */
int rs_doctor_empty_span(int kvm_fd, uint64_t *ticks, struct rs_error *error);

/* Which kinds of hooks work and what an exit by each takes (hooks/kinds.h), and the empty span by
 * the exits that returns have by `wish`.
 * Returns 0, or -1: no VM can be had, or the kind that is wanted does not work here. */
int rs_doctor_hook_kinds(int kvm_fd, const struct rs_hook_wish *wish, struct rs_hook_costs *costs,
                         struct rs_hook_kinds *kinds, uint64_t *empty_span, struct rs_error *error);

/* `count` of those times, one after the other, after a few that are not counted. */
int rs_doctor_empty_spans(int kvm_fd, uint64_t *ticks, unsigned count, struct rs_error *error);

#endif
