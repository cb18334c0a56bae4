/* SPDX-License-Identifier: MIT
 * Quantiles of any number of values in a fixed amount of memory. */
#ifndef RINGSCOPE_HISTOGRAM_H
#define RINGSCOPE_HISTOGRAM_H

#include <stdint.h>

/* Each power of two is cut into 32 buckets: a quantile is at most 1/32 too large. */
#define RS_HISTOGRAM_STEP_BITS 5
#define RS_HISTOGRAM_STEPS (1 << RS_HISTOGRAM_STEP_BITS)
#define RS_HISTOGRAM_BUCKETS ((64 - RS_HISTOGRAM_STEP_BITS + 1) * RS_HISTOGRAM_STEPS)

struct rs_histogram {
    uint64_t count;
    uint64_t total; /* wraps after 2^64 */
    uint64_t min, max;
    uint64_t buckets[RS_HISTOGRAM_BUCKETS];
};

void rs_histogram_add(struct rs_histogram *histogram, uint64_t value);

/* The value that `per_mille` of 1000 values do not exceed; 0 when there are none. */
uint64_t rs_histogram_quantile(const struct rs_histogram *histogram, unsigned per_mille);

#endif
