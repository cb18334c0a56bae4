/* SPDX-License-Identifier: MIT
 * What one exit takes through ringscope, and in a bare KVM_RUN loop. */
#ifndef RINGSCOPE_BENCH_EXIT_COST_H
#define RINGSCOPE_BENCH_EXIT_COST_H

#include "error.h"

#include <stdbool.h>
#include <stdint.h>

enum rs_exit_cost_kind {
    RS_EXIT_COST_GATE,
    RS_EXIT_COST_SITE,
    RS_EXIT_COST_PIO,
    RS_EXIT_COST_KINDS
};

/* Medians, in ticks of the TSC. */
struct rs_exit_cost {
    uint64_t bare;    /* from one return of KVM_RUN to the next, in the bare loop */
    uint64_t product; /* the same through ringscope */
    uint64_t handler; /* from a return of KVM_RUN to the next call */
    uint64_t empty;   /* the same in the bare loop */
    bool has_handler; /* a PIO exit is no event: its handler has no stamps */
};

#define RS_EXIT_BLOCKS_MAX 40 /* of 600 exits each */

/* Returns 0, or -1: what the host or the guest does not do is in *error. */
int rs_exit_cost_measure(int kvm_fd, unsigned blocks, struct rs_exit_cost costs[RS_EXIT_COST_KINDS],
                         struct rs_error *error);

#endif
