/* SPDX-License-Identifier: MIT
 * Intervals of medians: ranks of the binomial distribution, and how often the truth lies inside. */
#include "trace/median.h"
#include "unit.h"

#include <math.h>

/* The largest r with 2 P(X < r) <= 1 - RS_MEDIAN_LEVEL, X binomial (n, 1/2), summed by hand:
 * n = 7: P(X < 1) = 1/128; n = 10: P(X < 2) = 11/1024; n = 20: P(X < 5) = 6196/2^20. */
static const struct {
    uint64_t count, rank;
} ranks[] = {{0, 0}, {1, 0}, {6, 0}, {7, 1}, {10, 2}, {20, 5}};

START_TEST(ranks_are_those_of_the_binomial_distribution)
{
    ck_assert_uint_eq(rs_median_rank(ranks[_i].count), ranks[_i].rank);
}
END_TEST

/* No rank may jump where the approximation takes over. */
START_TEST(the_approximation_continues_the_exact_ranks)
{
    uint64_t exact = rs_median_rank(100000), near = rs_median_rank(100001);

    ck_assert_uint_le(near, exact + 1);
    ck_assert_uint_ge(near + 2, exact);
}
END_TEST

static uint32_t random_state;

/* In (0, 1): a Weyl sequence through a mixer, the same on every machine. */
static double uniform(void)
{
    uint32_t x = random_state += UINT32_C(0x9e3779b9);

    x = (x ^ x >> 16) * UINT32_C(0x85ebca6b);
    x = (x ^ x >> 13) * UINT32_C(0xc2b2ae35);
    return ((double)(x ^ x >> 16) + 0.5) / 4294967296.0;
}

/* Exponential, with the median `median`: as skewed as spans are. */
static void fill(struct rs_histogram *histogram, unsigned count, double median)
{
    memset(histogram, 0, sizeof(*histogram));
    for (unsigned i = 0; i < count; i++)
        rs_histogram_add(histogram, (uint64_t)(median * -log(uniform()) / M_LN2));
}

#define TRIALS 1000
#define MEDIAN 1000000.0

static const struct {
    unsigned a, b;
    double ratio;
} cases[] = {{7, 7, 1}, {15, 40, 1}, {200, 200, 1}, {200, 1000, 1.5}, {1000, 1000, 1}};

/* At least 95 %: of 1000 trials 950 less three standard deviations of what chance does. */
START_TEST(intervals_cover_the_truth)
{
    struct rs_histogram a, b;
    unsigned covered = 0;

    random_state = 1;
    for (unsigned trial = 0; trial < TRIALS; trial++) {
        struct rs_median_ratio result;

        fill(&a, cases[_i].a, MEDIAN);
        fill(&b, cases[_i].b, MEDIAN * cases[_i].ratio);
        result = rs_median_compare(&a, &b);
        ck_assert(result.known);
        ck_assert(result.low <= result.ratio && result.ratio <= result.high);
        covered += result.low <= cases[_i].ratio && cases[_i].ratio <= result.high;
    }
    ck_assert_uint_ge(covered, 929);
}
END_TEST

/* And they are narrow enough to be of use: that something takes twice as long is seen in 500 values
 * each time. */
START_TEST(a_shift_is_seen)
{
    struct rs_histogram a, b;

    random_state = 2;
    for (unsigned trial = 0; trial < 100; trial++) {
        struct rs_median_ratio result;

        fill(&a, 500, MEDIAN);
        fill(&b, 500, MEDIAN * 2);
        result = rs_median_compare(&a, &b);
        ck_assert(result.low > 1);
        ck_assert(result.high < 4);
        ck_assert(rs_median_compare(&b, &a).high < 1);
    }
}
END_TEST

START_TEST(few_and_equal_values)
{
    struct rs_histogram a = {0}, b = {0};

    for (unsigned i = 0; i < RS_MEDIAN_COUNT_MIN - 1; i++)
        rs_histogram_add(&a, 0);
    rs_histogram_add(&b, 0);
    ck_assert(!rs_median_compare(&a, &b).known);
    rs_histogram_add(&a, 0);
    ck_assert(!rs_median_compare(&a, &b).known);
    ck_assert(rs_median_compare(&a, &a).known);
    ck_assert(isfinite(rs_median_compare(&a, &a).high));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("median");

    UNIT_ADD_ROWS(suite, ranks_are_those_of_the_binomial_distribution, ranks);
    UNIT_ADD(suite, the_approximation_continues_the_exact_ranks);
    UNIT_ADD_ROWS(suite, intervals_cover_the_truth, cases);
    UNIT_ADD(suite, a_shift_is_seen);
    UNIT_ADD(suite, few_and_equal_values);
    return unit_run(suite);
}
