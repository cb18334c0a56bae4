/* SPDX-License-Identifier: MIT
 * ringscope bench: its options, and the parts of the command. */
#ifndef RINGSCOPE_COMMANDS_BENCH_H
#define RINGSCOPE_COMMANDS_BENCH_H

#include "bench/measure.h"
#include "host.h"

#define RS_BENCH_WHATS_MAX 64

struct rs_bench_options {
    enum rs_host_choice host;
    bool json, csv, strict, quick, list;
    const char *output;            /* -o: of the table, JSON or CSV; NULL: stdout */
    unsigned boots, runs, samples; /* 0: not given */
    enum rs_bench_plant plant;
    const char *what[RS_BENCH_WHATS_MAX]; /* names of items and groups */
    unsigned what_count;
    struct rs_error error;
};

/* Pins, asks the doctor, measures. Returns 0, or -1. */
int rs_bench_run(const struct rs_bench_options *options, int kvm_fd, struct rs_bench_result *result,
                 struct rs_error *error);

/* The items that the options name; all when they name none. The caller frees *items. */
size_t rs_bench_choose(const struct rs_bench_options *options, struct rs_bench_item **items);

#endif
