/* SPDX-License-Identifier: MIT
 * Quantiles, outliers, and the cluster bootstrap. */
#include "statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEED UINT64_C(0x72696e6773636f70)

/* Marsaglia's xorshift64*: a few draws that need not be better. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(0x2545f4914f6cdd1d);
}

static unsigned draw(uint64_t *state, unsigned below)
{
    return (unsigned)((next_random(state) >> 32) * below >> 32);
}

static int by_ticks(const void *left, const void *right)
{
    const struct rs_bench_sample *a = left, *b = right;

    return (a->ticks > b->ticks) - (a->ticks < b->ticks);
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

/* Nearest rank: the smallest index with at least that fraction of `count` at or below it. */
static size_t rank_of(size_t count, double fraction)
{
    double rank = ceil(fraction * (double)count);

    return rank < 1 ? 0 : rank > (double)count ? count - 1 : (size_t)rank - 1;
}

double rs_bench_quantile(const struct rs_bench_sample *sorted, size_t count, double fraction)
{
    return sorted[rank_of(count, fraction)].ticks;
}

double rs_bench_median_of(const double *values, unsigned count)
{
    double sorted[RS_BENCH_RUNS_MAX];

    /* cppcheck-suppress uninitvar ; there is a run at least */
    memcpy(sorted, values, count * sizeof(sorted[0]));
    qsort(sorted, count, sizeof(sorted[0]), by_value);
    return sorted[rank_of(count, 0.5)];
}

static void interval(double *draws, double *low, double *high)
{
    const double tail = (1 - RS_BOOTSTRAP_LEVEL) / 2;

    qsort(draws, RS_BOOTSTRAP_DRAWS, sizeof(draws[0]), by_value);
    *low = draws[rank_of(RS_BOOTSTRAP_DRAWS, tail)];
    *high = draws[rank_of(RS_BOOTSTRAP_DRAWS, 1 - tail)];
}

/* The median when run r counts weights[r] times: the samples stay sorted, whatever is drawn. */
static double weighted_median(const struct rs_bench_sample *sorted, size_t count,
                              const unsigned *weights, const size_t *sizes, unsigned runs)
{
    size_t total = 0, seen = 0, half;

    for (unsigned run = 0; run < runs; run++)
        total += weights[run] * sizes[run];
    half = rank_of(total, 0.5);
    for (size_t i = 0; i < count; i++) {
        seen += weights[sorted[i].run];
        if (seen > half)
            return sorted[i].ticks;
    }
    return sorted[count - 1].ticks;
}

static void bootstrap(const struct rs_bench_sample *sorted, size_t count, const size_t *sizes,
                      struct rs_bench_statistics *statistics)
{
    static double draws[RS_BOOTSTRAP_DRAWS];
    unsigned weights[RS_BENCH_RUNS_MAX];
    unsigned runs = statistics->run_count;
    uint64_t state = SEED;

    for (unsigned i = 0; i < RS_BOOTSTRAP_DRAWS; i++) {
        memset(weights, 0, sizeof(weights));
        for (unsigned drawn = 0; drawn < runs; drawn++)
            weights[draw(&state, runs)]++;
        draws[i] = weighted_median(sorted, count, weights, sizes, runs);
    }
    interval(draws, &statistics->low, &statistics->high);
}

/* Runs get the numbers 0, 1, ... without gaps, and their medians. */
static void find_runs(struct rs_bench_sample *sorted, size_t count, size_t *sizes,
                      struct rs_bench_statistics *statistics)
{
    unsigned numbers[RS_BENCH_RUNS_MAX];
    size_t seen[RS_BENCH_RUNS_MAX] = {0};

    memset(sizes, 0, RS_BENCH_RUNS_MAX * sizeof(sizes[0]));
    memset(numbers, 0xff, sizeof(numbers));
    for (size_t i = 0; i < count; i++) {
        unsigned *number = &numbers[sorted[i].run];

        if (*number == UINT32_MAX)
            *number = statistics->run_count++;
        sorted[i].run = *number;
        sizes[*number]++;
    }
    for (size_t i = 0; i < count; i++) {
        unsigned run = sorted[i].run;

        if (seen[run]++ == rank_of(sizes[run], 0.5))
            statistics->runs[run] = sorted[i].ticks;
    }
}

static uint64_t count_outliers(const struct rs_bench_sample *sorted, size_t count)
{
    double first = rs_bench_quantile(sorted, count, 0.25);
    double third = rs_bench_quantile(sorted, count, 0.75);
    double reach = RS_OUTLIER_FENCE * (third - first);
    uint64_t outliers = 0;

    for (size_t i = 0; i < count; i++)
        outliers += sorted[i].ticks > third + reach || sorted[i].ticks < first - reach;
    return outliers;
}

void rs_bench_statistics(struct rs_bench_sample *samples, size_t count,
                         struct rs_bench_statistics *statistics)
{
    size_t sizes[RS_BENCH_RUNS_MAX];

    *statistics = (struct rs_bench_statistics){.n = count};
    qsort(samples, count, sizeof(samples[0]), by_ticks);
    find_runs(samples, count, sizes, statistics);
    statistics->min = samples[0].ticks;
    statistics->p50 = rs_bench_quantile(samples, count, 0.5);
    statistics->p90 = rs_bench_quantile(samples, count, 0.9);
    statistics->p99 = rs_bench_quantile(samples, count, 0.99);
    statistics->p999 = rs_bench_quantile(samples, count, 0.999);
    statistics->max = samples[count - 1].ticks;
    statistics->outliers = count_outliers(samples, count);
    for (unsigned i = 0; i < RS_BENCH_QUANTILES; i++)
        statistics->quantiles[i] =
            rs_bench_quantile(samples, count, (double)i / (RS_BENCH_QUANTILES - 1));
    statistics->interval_known = statistics->run_count >= 2;
    if (statistics->interval_known)
        bootstrap(samples, count, sizes, statistics);
}

static double drawn_median(const struct rs_bench_statistics *statistics, uint64_t *state)
{
    double drawn[RS_BENCH_RUNS_MAX];

    for (unsigned i = 0; i < statistics->run_count; i++)
        drawn[i] = statistics->runs[draw(state, statistics->run_count)];
    return rs_bench_median_of(drawn, statistics->run_count);
}

/* Less than a tick is nothing that could be divided by. */
static double quotient(double b, double a)
{
    return b / (a > 1 ? a : 1);
}

struct rs_bench_ratio rs_bench_ratio(const struct rs_bench_statistics *a,
                                     const struct rs_bench_statistics *b)
{
    static double draws[RS_BOOTSTRAP_DRAWS];
    struct rs_bench_ratio ratio = {.ratio = quotient(b->p50, a->p50)};
    uint64_t state = SEED;

    ratio.known = a->run_count >= RS_RATIO_RUNS_MIN && b->run_count >= RS_RATIO_RUNS_MIN;
    if (!ratio.known)
        return ratio;
    for (unsigned i = 0; i < RS_BOOTSTRAP_DRAWS; i++) {
        double of_b = drawn_median(b, &state);

        draws[i] = quotient(of_b, drawn_median(a, &state));
    }
    interval(draws, &ratio.low, &ratio.high);
    return ratio;
}
