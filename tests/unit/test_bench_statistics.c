/* SPDX-License-Identifier: MIT
 * Figures of `ringscope bench`: quantiles, outliers, the bootstrap, and how often it is right. */
#include "bench/records.h"
#include "bench/statistics.h"
#include "unit.h"

#include <math.h>

static uint32_t random_state;

/* In (0, 1): a Weyl sequence through a mixer, the same on every machine. */
static double uniform(void)
{
    uint32_t x = random_state += UINT32_C(0x9e3779b9);

    x = (x ^ x >> 16) * UINT32_C(0x85ebca6b);
    x = (x ^ x >> 13) * UINT32_C(0xc2b2ae35);
    return ((double)(x ^ x >> 16) + 0.5) / 4294967296.0;
}

static double normal(void)
{
    return sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform());
}

START_TEST(quantiles_are_nearest_ranks)
{
    struct rs_bench_sample samples[1000];
    struct rs_bench_statistics statistics;

    for (unsigned i = 0; i < 1000; i++) /* 1..1000, not in order */
        samples[i] = (struct rs_bench_sample){(double)(i * 7 % 1000 + 1), i % 4};
    rs_bench_statistics(samples, 1000, &statistics);
    ck_assert_uint_eq(statistics.n, 1000);
    ck_assert_double_eq(statistics.min, 1);
    ck_assert_double_eq(statistics.p50, 500);
    ck_assert_double_eq(statistics.p90, 900);
    ck_assert_double_eq(statistics.p99, 990);
    ck_assert_double_eq(statistics.p999, 999);
    ck_assert_double_eq(statistics.max, 1000);
    ck_assert_double_eq(statistics.quantiles[0], 1);
    ck_assert_double_eq(statistics.quantiles[RS_BENCH_QUANTILES - 1], 1000);
    ck_assert_uint_eq(statistics.run_count, 4);
}
END_TEST

START_TEST(one_sample_is_all_its_quantiles)
{
    struct rs_bench_sample sample = {42, 0};
    struct rs_bench_statistics statistics;

    rs_bench_statistics(&sample, 1, &statistics);
    ck_assert_double_eq(statistics.min, 42);
    ck_assert_double_eq(statistics.p50, 42);
    ck_assert_double_eq(statistics.p999, 42);
    ck_assert(!statistics.interval_known);
    ck_assert_uint_eq(statistics.outliers, 0);
}
END_TEST

START_TEST(outliers_are_counted_and_stay)
{
    struct rs_bench_sample samples[103];
    struct rs_bench_statistics statistics;

    for (unsigned i = 0; i < 100; i++)
        samples[i] = (struct rs_bench_sample){100 + i % 10, i % 5};
    samples[100] = (struct rs_bench_sample){1000000, 1};
    samples[101] = (struct rs_bench_sample){200, 2};
    samples[102] = (struct rs_bench_sample){110, 3}; /* within the fence */
    rs_bench_statistics(samples, 103, &statistics);
    ck_assert_uint_eq(statistics.outliers, 2);
    ck_assert_uint_eq(statistics.n, 103);
    ck_assert_double_eq(statistics.max, 1000000);
}
END_TEST

START_TEST(runs_have_their_medians_whatever_their_numbers)
{
    struct rs_bench_sample samples[6] = {{1, 200}, {2, 200}, {3, 200}, {30, 7}, {20, 7}, {10, 7}};
    struct rs_bench_statistics statistics;

    rs_bench_statistics(samples, 6, &statistics);
    ck_assert_uint_eq(statistics.run_count, 2);
    ck_assert_double_eq(statistics.runs[0], 2);
    ck_assert_double_eq(statistics.runs[1], 20);
}
END_TEST

START_TEST(the_same_samples_give_the_same_interval)
{
    struct rs_bench_sample first[200], second[200];
    struct rs_bench_statistics a, b;

    random_state = 5;
    for (unsigned i = 0; i < 200; i++)
        first[i] = second[199 - i] = (struct rs_bench_sample){100 + normal(), i / 20};
    rs_bench_statistics(first, 200, &a);
    rs_bench_statistics(second, 200, &b);
    ck_assert(a.interval_known);
    ck_assert_double_eq(a.low, b.low);
    ck_assert_double_eq(a.high, b.high);
    ck_assert_double_le(a.low, a.p50);
    ck_assert_double_ge(a.high, a.p50);
}
END_TEST

#define RUNS 15
#define PER_RUN 20
#define TRIALS 200
#define MEDIAN 1000.0

/* Runs that differ, by something that all samples of a run share. */
static void fill(struct rs_bench_sample *samples, double median)
{
    for (unsigned run = 0; run < RUNS; run++) {
        double shift = 5 * normal();

        for (unsigned i = 0; i < PER_RUN; i++)
            samples[run * PER_RUN + i] =
                (struct rs_bench_sample){median + shift + 10 * normal(), run};
    }
}

/* 95 % in the limit of many runs; with 15 of them, and 200 trials, 88 % is what must be there. */
START_TEST(intervals_cover_the_truth)
{
    unsigned covered = 0;

    random_state = 11;
    for (unsigned trial = 0; trial < TRIALS; trial++) {
        struct rs_bench_sample samples[RUNS * PER_RUN];
        struct rs_bench_statistics statistics;

        fill(samples, MEDIAN);
        rs_bench_statistics(samples, RUNS * PER_RUN, &statistics);
        covered += statistics.low <= MEDIAN && statistics.high >= MEDIAN;
    }
    ck_assert_uint_ge(covered, TRIALS * 88 / 100);
    ck_assert_uint_lt(covered, TRIALS); /* nor is it so wide that it says nothing */
}
END_TEST

static const struct {
    double ratio;
    bool differs;
} ratios[] = {{1, false}, {1.05, true}, {0.9, true}};

START_TEST(a_ratio_is_told_from_one)
{
    struct rs_bench_sample a[RUNS * PER_RUN], b[RUNS * PER_RUN];
    struct rs_bench_statistics of_a, of_b;
    struct rs_bench_ratio ratio;

    random_state = 3;
    fill(a, MEDIAN);
    fill(b, MEDIAN * ratios[_i].ratio);
    rs_bench_statistics(a, RUNS * PER_RUN, &of_a);
    rs_bench_statistics(b, RUNS * PER_RUN, &of_b);
    ratio = rs_bench_ratio(&of_a, &of_b);
    ck_assert(ratio.known);
    ck_assert_double_eq_tol(ratio.ratio, ratios[_i].ratio, 0.01);
    ck_assert_int_eq(ratio.low > 1 || ratio.high < 1, ratios[_i].differs);
}
END_TEST

START_TEST(few_runs_make_no_verdict)
{
    struct rs_bench_sample samples[4] = {{1, 0}, {2, 1}, {3, 2}, {4, 3}};
    struct rs_bench_statistics statistics;

    rs_bench_statistics(samples, 4, &statistics);
    ck_assert(!rs_bench_ratio(&statistics, &statistics).known);
}
END_TEST

/* What a guest may have left in its records; `longest` is 1000. */
static const struct {
    const char *name;
    struct rs_stamp_record record;
    bool sound;
} records[] = {
    {"both ends", {{100, [7] = 200}}, true},
    {"all points", {{100, 110, 120, 130, 140, 150, 160, 170}}, true},
    {"some points", {{100, 0, 120, 0, 0, 150, 0, 170}}, true},
    {"no time at all", {{100, [7] = 100}}, true},
    {"as long as it may be", {{100, [7] = 1100}}, true},
    {"longer", {{100, [7] = 1101}}, false},
    {"empty", {{0}}, false},
    {"no beginning", {{0, [7] = 200}}, false},
    {"no beginning, but a point", {{0, 150, [7] = 200}}, false},
    {"no end", {{100}}, false},
    {"ends before it begins", {{200, [7] = 100}}, false},
    {"a point before the beginning", {{100, 90, [7] = 200}}, false},
    {"a point behind the end", {{100, 210, [7] = 200}}, false},
    {"points out of order", {{100, 130, 120, [7] = 200}}, false},
    {"wrapped", {{UINT64_MAX, [7] = 5}}, false},
    {"far away", {{1, [7] = UINT64_MAX}}, false},
};

START_TEST(a_guest_is_not_believed)
{
    assert_row_eq(records[_i].name, rs_bench_record_is_sound(&records[_i].record, 1000),
                  records[_i].sound);
}
END_TEST

START_TEST(what_is_sound_moves_to_the_front)
{
    struct rs_stamp_record list[3] = {{{0}}, {{100, [7] = 200}}, {{100, [7] = 300}}};

    ck_assert_uint_eq(rs_bench_keep_sound(list, 3, 1000), 2);
    ck_assert_uint_eq(list[0].tsc[7], 200);
    ck_assert_uint_eq(list[1].tsc[7], 300);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bench_statistics");

    UNIT_ADD(suite, quantiles_are_nearest_ranks);
    UNIT_ADD(suite, one_sample_is_all_its_quantiles);
    UNIT_ADD(suite, outliers_are_counted_and_stay);
    UNIT_ADD(suite, runs_have_their_medians_whatever_their_numbers);
    UNIT_ADD(suite, the_same_samples_give_the_same_interval);
    UNIT_ADD(suite, intervals_cover_the_truth);
    UNIT_ADD_ROWS(suite, a_ratio_is_told_from_one, ratios);
    UNIT_ADD(suite, few_runs_make_no_verdict);
    UNIT_ADD_ROWS(suite, a_guest_is_not_believed, records);
    UNIT_ADD(suite, what_is_sound_moves_to_the_front);
    return unit_run(suite);
}
