/* SPDX-License-Identifier: MIT
 * Quantiles of any number of values in a fixed amount of memory. */
#include "histogram.h"

uint64_t rs_histogram_first(unsigned bucket)
{
    unsigned shift = bucket / RS_HISTOGRAM_STEPS;
    uint64_t step = bucket % RS_HISTOGRAM_STEPS;

    return shift == 0 ? step : (RS_HISTOGRAM_STEPS + step) << (shift - 1);
}

uint64_t rs_histogram_last(unsigned bucket)
{
    unsigned shift = bucket / RS_HISTOGRAM_STEPS;

    return rs_histogram_first(bucket) + (shift == 0 ? 0 : (UINT64_C(1) << (shift - 1)) - 1);
}

void rs_histogram_merge(struct rs_histogram *into, const struct rs_histogram *from)
{
    if (from->count == 0)
        return;
    if (into->count == 0 || from->min < into->min)
        into->min = from->min;
    if (from->max > into->max)
        into->max = from->max;
    into->count += from->count;
    into->total += from->total;
    for (unsigned bucket = 0; bucket < RS_HISTOGRAM_BUCKETS; bucket++)
        into->buckets[bucket] += from->buckets[bucket];
}

unsigned rs_histogram_rank(const struct rs_histogram *histogram, uint64_t rank)
{
    uint64_t seen = 0;

    for (unsigned bucket = 0; bucket < RS_HISTOGRAM_BUCKETS; bucket++) {
        seen += histogram->buckets[bucket];
        if (seen >= rank && seen > 0)
            return bucket;
    }
    return RS_HISTOGRAM_BUCKETS - 1;
}

uint64_t rs_histogram_quantile(const struct rs_histogram *histogram, unsigned per_mille)
{
    uint64_t rank = (uint64_t)(((unsigned __int128)histogram->count * per_mille + 999) / 1000);
    uint64_t last;

    if (histogram->count == 0)
        return 0;
    last = rs_histogram_last(rs_histogram_rank(histogram, rank));
    return last < histogram->max ? last : histogram->max;
}
