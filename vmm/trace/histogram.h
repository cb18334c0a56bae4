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

/* Values below RS_HISTOGRAM_STEPS have a bucket each. */
static inline unsigned rs_histogram_bucket(uint64_t value)
{
    unsigned shift;

    if (value < RS_HISTOGRAM_STEPS)
        return (unsigned)value;
    shift = 63 - (unsigned)__builtin_clzll(value) - RS_HISTOGRAM_STEP_BITS;
    return (shift + 1) * RS_HISTOGRAM_STEPS + (unsigned)((value >> shift) % RS_HISTOGRAM_STEPS);
}

/* The smallest and the largest value of a bucket. */
uint64_t rs_histogram_first(unsigned bucket);
uint64_t rs_histogram_last(unsigned bucket);

static inline void rs_histogram_add(struct rs_histogram *histogram, uint64_t value)
{
    if (histogram->count == 0 || value < histogram->min)
        histogram->min = value;
    if (value > histogram->max)
        histogram->max = value;
    histogram->count++;
    histogram->total += value;
    histogram->buckets[rs_histogram_bucket(value)]++;
}

void rs_histogram_merge(struct rs_histogram *into, const struct rs_histogram *from);

/* The bucket of the value of this rank: 1 for the smallest, at most `count` for the largest. */
unsigned rs_histogram_rank(const struct rs_histogram *histogram, uint64_t rank);

/* The value that `per_mille` of 1000 values do not exceed; 0 when there are none. */
uint64_t rs_histogram_quantile(const struct rs_histogram *histogram, unsigned per_mille);

#endif
