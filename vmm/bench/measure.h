/* SPDX-License-Identifier: MIT
 * The method: boots, warm-up, runs, guest and host by turns; samples become rows. */
#ifndef RINGSCOPE_BENCH_MEASURE_H
#define RINGSCOPE_BENCH_MEASURE_H

#include "host.h"
#include "items.h"
#include "result.h"

/* Which method the planted error is put into: for testing that the check can fail. */
enum rs_bench_plant {
    RS_BENCH_PLANT_NONE,
    RS_BENCH_PLANT_ACTIVE,
    RS_BENCH_PLANT_PASSIVE
};

struct rs_bench_plan {
    const struct rs_bench_item *items; /* in the order of the table */
    size_t item_count;
    unsigned boots, runs, samples; /* boots * runs <= RS_BENCH_RUNS_MAX */
    enum rs_bench_plant plant;
    /* NULL, or told how far it is. */
    void (*progress)(unsigned done, unsigned all, const char *what);
};

#define RS_BENCH_SAMPLES_MAX RS_STAMP_RECORDS_MAX

/* Fills rows, checks and sums. Returns 0, or -1. */
int rs_bench_measure(const struct rs_bench_plan *plan, const struct rs_bench_host *host,
                     struct rs_bench_result *result, struct rs_error *error);

#endif
