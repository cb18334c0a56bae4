/* SPDX-License-Identifier: MIT
 * Distribution-free limits of a median, and of the ratio of two. */
#include "median.h"

#include <math.h>

/* Above this count the normal approximation is as good, and does not take long. */
#define EXACT_MAX 100000
/* Of RS_MEDIAN_LEVEL on both sides, rounded up. */
#define NORMAL_QUANTILE 2.2365

/* The largest r for which P(fewer than r of `count` values lie below the median) is at most half of
 * what may be missed. */
static uint64_t exact_rank(uint64_t count)
{
    double log_term = -(double)count * M_LN2; /* of the probability of exactly `below` */
    double sum = 0;
    uint64_t below = 0;

    for (; below <= count; below++) {
        sum += exp(log_term);
        if (sum > (1 - RS_MEDIAN_LEVEL) / 2)
            break;
        log_term += log((double)(count - below) / (double)(below + 1));
    }
    return below;
}

uint64_t rs_median_rank(uint64_t count)
{
    double n = (double)count;

    if (count <= EXACT_MAX)
        return exact_rank(count);
    return (uint64_t)floor(n / 2 - NORMAL_QUANTILE * sqrt(n) / 2); /* one rank to the safe side */
}

struct limits {
    double low, high;
};

static struct limits limits_of(const struct rs_histogram *histogram, uint64_t rank)
{
    uint64_t low = rs_histogram_first(rs_histogram_rank(histogram, rank));
    uint64_t high = rs_histogram_last(rs_histogram_rank(histogram, histogram->count + 1 - rank));

    if (low < histogram->min)
        low = histogram->min;
    if (high > histogram->max)
        high = histogram->max;
    return (struct limits){(double)low, (double)high};
}

/* A span of no ticks counts as one: a ratio needs something to divide by. */
static double quotient(double numerator, double denominator)
{
    return numerator / (denominator > 0 ? denominator : 1);
}

struct rs_median_ratio rs_median_compare(const struct rs_histogram *a, const struct rs_histogram *b)
{
    uint64_t a_rank = rs_median_rank(a->count), b_rank = rs_median_rank(b->count);
    struct rs_median_ratio result = {.ratio = quotient((double)rs_histogram_quantile(b, 500),
                                                       (double)rs_histogram_quantile(a, 500))};

    if (a_rank > 0 && b_rank > 0) {
        struct limits in_a = limits_of(a, a_rank), in_b = limits_of(b, b_rank);

        result.low = quotient(in_b.low, in_a.high);
        result.high = quotient(in_b.high, in_a.low);
        result.known = true;
    }
    return result;
}
