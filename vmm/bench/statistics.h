/* SPDX-License-Identifier: MIT
 * What is said of a set of samples: quantiles, outliers, how well the median is known. Pure. */
#ifndef RINGSCOPE_BENCH_STATISTICS_H
#define RINGSCOPE_BENCH_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Samples come in runs. Those of one run share what the machine did meanwhile, so the runs are
 * what is drawn again for an interval (a cluster bootstrap): as many of them as there are, with
 * replacement, RS_BOOTSTRAP_DRAWS times; the interval holds the middle 95 % of the medians. The
 * draws come from a fixed seed: the same samples give the same interval.
 */
#define RS_BOOTSTRAP_DRAWS 2000
#define RS_BOOTSTRAP_LEVEL 0.95
#define RS_BENCH_RUNS_MAX 256
#define RS_BENCH_QUANTILES 101 /* 0 %, 1 % ... 100 % */

/* Beyond this many interquartile ranges above the third quartile (or below the first) a sample is
 * an outlier (J. Tukey's outer fence). It is counted, and nothing is done with that. */
#define RS_OUTLIER_FENCE 3.0

struct rs_bench_sample {
    double ticks;
    unsigned run;
};

struct rs_bench_statistics {
    uint64_t n;
    double min, p50, p90, p99, p999, max;
    bool interval_known; /* there are two runs or more: low and high are valid */
    double low, high;    /* of the median */
    uint64_t outliers;
    unsigned run_count;
    double runs[RS_BENCH_RUNS_MAX]; /* the median of each */
    double quantiles[RS_BENCH_QUANTILES];
};

/* Sorts the samples. `count` is at least 1, runs are below RS_BENCH_RUNS_MAX. */
void rs_bench_statistics(struct rs_bench_sample *samples, size_t count,
                         struct rs_bench_statistics *statistics);

/* Of sorted values, by the nearest rank; fraction 0..1. */
double rs_bench_quantile(const struct rs_bench_sample *sorted, size_t count, double fraction);

/* Median of up to RS_BENCH_RUNS_MAX values. */
double rs_bench_median_of(const double *values, unsigned count);

struct rs_bench_ratio {
    double ratio; /* of the medians, b to a */
    bool known;   /* both have enough runs: low and high are valid */
    double low, high;
};

/* With fewer runs an interval is too narrow to be believed. */
#define RS_RATIO_RUNS_MIN 8

/* By the bootstrap over the medians of the runs of both. */
struct rs_bench_ratio rs_bench_ratio(const struct rs_bench_statistics *a,
                                     const struct rs_bench_statistics *b);

#endif
