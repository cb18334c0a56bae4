/* SPDX-License-Identifier: MIT
 * The host of a measurement: what was found out about it before. */
#ifndef RINGSCOPE_BENCH_HOST_H
#define RINGSCOPE_BENCH_HOST_H

#include "hooks/kinds.h"

#include <stdbool.h>
#include <stdint.h>

struct rs_blob;

struct rs_bench_host {
    const struct rs_blob *kernel; /* NULL: the bundled one, which is the only one that measures */
    int kvm_fd;
    uint32_t needs;                  /* RS_NEED_* */
    uint64_t empty_span;             /* ticks: rs_doctor_empty_span() */
    struct rs_hook_costs hook_costs; /* which kinds of hooks work: rs_doctor_hook_kinds() */
    bool emulated;                   /* this machine is itself emulated */
    bool pcid;                       /* KVM offers it */
    uint64_t tsc_hz;                 /* of the guest's TSC as KVM tells, else measured */
    bool tsc_told;
};

#endif
