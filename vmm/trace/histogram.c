/* SPDX-License-Identifier: MIT
 * Quantiles of any number of values in a fixed amount of memory. */
#include "histogram.h"

/* Values below RS_HISTOGRAM_STEPS have a bucket each. */
static unsigned bucket_of(uint64_t value)
{
    unsigned shift;

    if (value < RS_HISTOGRAM_STEPS)
        return (unsigned)value;
    shift = 63 - (unsigned)__builtin_clzll(value) - RS_HISTOGRAM_STEP_BITS;
    return (shift + 1) * RS_HISTOGRAM_STEPS + (unsigned)((value >> shift) % RS_HISTOGRAM_STEPS);
}

static uint64_t last_of(unsigned bucket)
{
    unsigned shift = bucket / RS_HISTOGRAM_STEPS;
    uint64_t step = bucket % RS_HISTOGRAM_STEPS;

    if (shift == 0)
        return step;
    return ((RS_HISTOGRAM_STEPS + step + 1) << (shift - 1)) - 1;
}

void rs_histogram_add(struct rs_histogram *histogram, uint64_t value)
{
    if (histogram->count == 0 || value < histogram->min)
        histogram->min = value;
    if (value > histogram->max)
        histogram->max = value;
    histogram->count++;
    histogram->total += value;
    histogram->buckets[bucket_of(value)]++;
}

uint64_t rs_histogram_quantile(const struct rs_histogram *histogram, unsigned per_mille)
{
    uint64_t rank = (uint64_t)(((unsigned __int128)histogram->count * per_mille + 999) / 1000);
    uint64_t seen = 0;

    if (histogram->count == 0)
        return 0;
    for (unsigned bucket = 0; bucket < RS_HISTOGRAM_BUCKETS; bucket++) {
        seen += histogram->buckets[bucket];
        if (seen >= rank && seen > 0)
            return last_of(bucket) < histogram->max ? last_of(bucket) : histogram->max;
    }
    return histogram->max;
}
