/* SPDX-License-Identifier: MIT
 * How well the median of a histogram is known, and whether two medians differ. Pure. */
#ifndef RINGSCOPE_MEDIAN_H
#define RINGSCOPE_MEDIAN_H

#include "histogram.h"

#include <stdbool.h>

/*
 * No distribution is assumed: of n independent values, the number that lie below the median is
 * binomial (n, 1/2), so the median lies between the values of rank r and n + 1 - r with a
 * probability that is known exactly. Limits are rounded outwards to the ends of their buckets.
 *
 * The ratio of two medians lies within the ratios of their limits when each median lies within its
 * own: with RS_MEDIAN_LEVEL for each, that is 95 % for the ratio, as the two are independent.
 */
#define RS_MEDIAN_RATIO_LEVEL 0.95
#define RS_MEDIAN_LEVEL 0.974679434480896 /* the square root of it */

/* The largest such rank r; 0 when there are too few values for any. */
uint64_t rs_median_rank(uint64_t count);
#define RS_MEDIAN_COUNT_MIN 7 /* the smallest count with a rank */

struct rs_median_ratio {
    double ratio; /* of the medians, b to a */
    double low, high;
    bool known; /* both have enough values: low and high are valid */
};

/* Both have at least one value. */
struct rs_median_ratio rs_median_compare(const struct rs_histogram *a,
                                         const struct rs_histogram *b);

#endif
