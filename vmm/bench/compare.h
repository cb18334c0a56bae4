/* SPDX-License-Identifier: MIT
 * Two results side by side. */
#ifndef RINGSCOPE_BENCH_COMPARE_H
#define RINGSCOPE_BENCH_COMPARE_H

#include "result.h"

/* What a ratio of medians and its interval allow to be said of B. X(name, text) */
#define RS_BENCH_VERDICTS(X)                                                                       \
    X(SLOWER, "slower")                                                                            \
    X(FASTER, "faster")                                                                            \
    X(SAME, "same?")                                                                               \
    X(FEW, "too few runs")

enum rs_bench_verdict {
#define X(name, text) RS_BENCH_##name,
    RS_BENCH_VERDICTS(X)
#undef X
};

enum rs_bench_verdict rs_bench_verdict(const struct rs_bench_ratio *ratio);

/* 0, or -1: the stream failed. */
int rs_bench_compare(const struct rs_bench_result *a, const struct rs_bench_result *b,
                     const char *a_name, const char *b_name, FILE *out);
/* The same as JSON: docs/bench.schema.json. */
int rs_bench_compare_json(const struct rs_bench_result *a, const struct rs_bench_result *b,
                          const char *a_name, const char *b_name, FILE *out);

#endif
