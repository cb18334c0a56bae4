/* SPDX-License-Identifier: MIT
 * Sources: operations in a variant, each measured once for all the items that look at it. */
#ifndef RINGSCOPE_BENCH_SOURCES_H
#define RINGSCOPE_BENCH_SOURCES_H

#include "guest.h"
#include "items.h"
#include "native.h"
#include "result.h"

#define RS_BENCH_SOURCES_MAX 128

struct rs_bench_source {
    enum rs_bench_variant variant;
    unsigned operation;
    uint64_t parameter;
    unsigned count;                  /* records of each run; fewer: it is for calibration */
    struct rs_stamp_record *records; /* owned */
    unsigned *run_of;                /* owned */
    size_t used, room;
    unsigned warm_up;
    bool unstable;
    uint64_t unsound;
    char skipped[RS_BENCH_TEXT_MAX]; /* why it cannot be measured; empty: it can */
};

struct rs_bench_sources {
    struct rs_bench_source list[RS_BENCH_SOURCES_MAX];
    unsigned count;
};

/* Finds it, or adds it. */
struct rs_bench_source *rs_bench_source_add(struct rs_bench_sources *sources,
                                            enum rs_bench_variant variant, unsigned operation,
                                            unsigned count, uint64_t parameter);
struct rs_bench_source *rs_bench_source_find(struct rs_bench_sources *sources,
                                             enum rs_bench_variant variant, unsigned operation);
void rs_bench_sources_free(struct rs_bench_sources *sources);

/* Keeps what a batch has, as of this run. Returns 0, or -1: out of memory. */
int rs_bench_source_keep(struct rs_bench_source *source, unsigned run,
                         const struct rs_stamp_record *records, size_t count,
                         struct rs_error *error);

/* Median time between two points; NAN when there is no record with both. */
double rs_bench_source_median(const struct rs_bench_source *source, unsigned from, unsigned to);

/* The same as samples, less `empty`: the caller frees *samples. How many; 0 also: out of memory. */
size_t rs_bench_source_samples(const struct rs_bench_source *source, unsigned from, unsigned to,
                               double empty, struct rs_bench_sample **samples);

#endif
