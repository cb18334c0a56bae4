/* SPDX-License-Identifier: MIT
 * What the benchmarks share: medians, and one row of result beside its goal. */
#ifndef RINGSCOPE_BENCH_TABLE_H
#define RINGSCOPE_BENCH_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* Sorts `values`. */
uint64_t rs_bench_median(uint64_t *values, size_t count);

/* Says what the figures below are worth on this machine. */
void rs_bench_heading(const char *title);

#endif
