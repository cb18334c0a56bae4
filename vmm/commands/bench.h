/* SPDX-License-Identifier: MIT
 * ringscope bench: its options, and the parts of the command. */
#ifndef RINGSCOPE_COMMANDS_BENCH_H
#define RINGSCOPE_COMMANDS_BENCH_H

#include "bench/gate.h"
#include "bench/measure.h"
#include "host.h"

#define RS_BENCH_WHATS_MAX 64

struct rs_bench_options {
    enum rs_host_choice host;
    bool json, csv, strict, quick, list, compare;
    const char *output;   /* -o: of the table, JSON or CSV; NULL: stdout */
    const char *plot;     /* --plot; NULL: none */
    const char *from;     /* --from: a result that was measured before; NULL: measure */
    const char *baseline; /* --baseline; NULL: none */
    bool gated;
    struct rs_bench_gate gate;
    unsigned boots, runs, samples; /* 0: not given */
    enum rs_bench_plant plant;
    const char *what[RS_BENCH_WHATS_MAX]; /* items and groups; with --compare two files */
    unsigned what_count;
    struct rs_error error;
};

/* Pins, asks the doctor, measures. Returns 0, or -1. */
int rs_bench_run(const struct rs_bench_options *options, int kvm_fd, struct rs_bench_result *result,
                 struct rs_error *error);

/* Measures in the emulated host, and reads what came of it: what does not need the guest is done
 * here. Returns 0, or the exit code, after a line on stderr. */
int rs_bench_emulate(const struct rs_bench_options *options, struct rs_bench_result *result);

/* A result from a file. Returns 0, or -1. */
int rs_bench_load(const char *path, struct rs_bench_result *result, struct rs_error *error);

/* Table, JSON or CSV; the picture; the gate. Returns the exit code. */
int rs_bench_show(const struct rs_bench_options *options, const struct rs_bench_result *result,
                  const struct rs_bench_result *baseline);

/* --compare. Returns the exit code. */
int rs_bench_show_comparison(const struct rs_bench_options *options);

/* The items that the options name; all when they name none. The caller frees *items. */
size_t rs_bench_choose(const struct rs_bench_options *options, struct rs_bench_item **items);

#endif
