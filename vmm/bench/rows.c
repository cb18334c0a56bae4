/* SPDX-License-Identifier: MIT
 * From records to rows. */
#include "rows.h"

#include "hooks/hooks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An instruction of ring 0 that costs so many of ring 3 is not executed by the processor. */
#define INTERPRETED_COST 8.0

/* Which adjacent pair of stamps tells what a stamp at this point costs. */
static unsigned pair_operation(const struct rs_bench_item *item, unsigned point)
{
    static const uint8_t rings[RS_OPERATION_COUNT] = {
#define X(name, ring, text) ring,
        RS_OPERATIONS(X)
#undef X
    };
    bool phases =
        item->operation == RS_OPERATION_PHASES || item->operation == RS_OPERATION_PHASES_IRET;

    if (rings[item->operation] == 0)
        return RS_OPERATION_EMPTY_0;
    if (phases && point != RS_STAMP_BEFORE && point != RS_STAMP_AFTER)
        return RS_OPERATION_STAMP_0;
    return RS_OPERATION_EMPTY;
}

static double pair_cost(struct rs_bench_sources *sources, const struct rs_bench_item *item,
                        unsigned point)
{
    unsigned operation =
        item->variant == RS_BENCH_HOST ? RS_NATIVE_EMPTY : pair_operation(item, point);
    const struct rs_bench_source *pair = rs_bench_source_find(sources, item->variant, operation);

    return pair ? rs_bench_source_median(pair, RS_STAMP_BEFORE, RS_STAMP_AFTER) : 0;
}

/* Between two stamps lie the end of the first one and the beginning of the second. */
static double empty_cost(struct rs_bench_sources *sources, const struct rs_bench_item *item)
{
    double cost;

    if (item->variant == RS_BENCH_HOST && item->operation == RS_NATIVE_RUN)
        return 0; /* timed by the doctor, which takes nothing off */
    cost = (pair_cost(sources, item, item->from) + pair_cost(sources, item, item->to)) / 2;
    return isnan(cost) ? 0 : cost;
}

static unsigned marks_of(const struct rs_bench_item *item, const struct rs_bench_source *source,
                         const struct rs_bench_host *host, const struct rs_bench_result *result)
{
    unsigned marks = 0;

    if (result->emulated || (result->interpreted && (item->needs & RS_BENCH_RING_0)))
        marks |= RS_BENCH_MARK(NOT_ARCHITECTURAL);
    if (((item->needs & RS_BENCH_SYSCALL) && (host->needs & RS_NEED_SYSCALL)) ||
        ((item->needs & RS_BENCH_INT_N) && (host->needs & RS_NEED_INT_N_UD)))
        marks |= RS_BENCH_MARK(REPAIRED);
    if (item->needs & RS_BENCH_UD)
        marks |= RS_BENCH_MARK(INTERCEPTED);
    if (item->needs & RS_BENCH_USER_EXIT)
        marks |= RS_BENCH_MARK(USER_EXIT);
    if (source->unstable)
        marks |= RS_BENCH_MARK(UNSTABLE);
    if (source->unsound)
        marks |= RS_BENCH_MARK(UNSOUND);
    return marks;
}

static void describe(const struct rs_bench_item *item, struct rs_bench_row *row)
{
    snprintf(row->name, sizeof(row->name), "%s", item->name);
    snprintf(row->group, sizeof(row->group), "%s", item->group);
    snprintf(row->variant, sizeof(row->variant), "%s", rs_bench_variant_id(item->variant));
    snprintf(row->title, sizeof(row->title), "%s", item->title);
}

static int make_row(const struct rs_bench_item *item, const struct rs_bench_host *host,
                    struct rs_bench_sources *sources, struct rs_bench_result *result,
                    struct rs_error *error)
{
    struct rs_bench_row *row = &result->rows[result->row_count++];
    const struct rs_bench_source *source =
        rs_bench_source_find(sources, item->variant, item->operation);
    struct rs_bench_sample *samples = NULL;
    size_t count;

    describe(item, row);
    if (rs_bench_lacks_hook(item, host, row->skipped, sizeof(row->skipped)))
        return 0;
    if (!source || source->skipped[0]) {
        snprintf(row->skipped, sizeof(row->skipped), "%s",
                 source ? source->skipped : "there are too many operations");
        return 0;
    }
    row->empty = empty_cost(sources, item);
    count = rs_bench_source_samples(source, item->from, item->to, row->empty, &samples);
    if (!samples)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    if (count)
        rs_bench_statistics(samples, count, &row->statistics);
    else
        snprintf(row->skipped, sizeof(row->skipped), "no record has these points");
    free(samples);
    row->marks = marks_of(item, source, host, result);
    row->warm_up = source->warm_up;
    row->unsound = source->unsound;
    return 0;
}

/* Ring 0 is executed by the processor, or by somebody else: found out, not known. */
static void judge_ring_0(struct rs_bench_sources *sources, const struct rs_bench_host *host,
                         struct rs_bench_result *result)
{
    const struct rs_bench_source *of_3 =
        rs_bench_source_find(sources, RS_BENCH_PLAIN, RS_OPERATION_LOOP);
    const struct rs_bench_source *of_0 =
        rs_bench_source_find(sources, RS_BENCH_PLAIN, RS_OPERATION_LOOP_0);
    double cost = rs_bench_source_median(of_0, RS_STAMP_BEFORE, RS_STAMP_AFTER) /
                  rs_bench_source_median(of_3, RS_STAMP_BEFORE, RS_STAMP_AFTER);

    result->emulated = host->emulated;
    if (isnan(cost))
        return;
    result->ring_0_cost = cost;
    result->interpreted = cost > INTERPRETED_COST;
}

static double half_interval(const struct rs_bench_statistics *statistics)
{
    return statistics->interval_known ? (statistics->high - statistics->low) / 2
                                      : statistics->p90 - statistics->p50;
}

/* The phases are sums of medians, the call is one median: equal but for what either is known by.
 * Each stamp is a fence, which a call without them does not wait for: that is the last part. */
static void add_sum(struct rs_bench_result *result, const char *variant, const char *phase,
                    const char *call)
{
    const struct rs_bench_row *whole = rs_bench_result_find(result, call);
    struct rs_bench_sum *sum = &result->sums[result->sum_count];
    size_t length = strlen(phase);
    unsigned phases = 0;

    if (!whole || whole->skipped[0] || result->sum_count == RS_BENCH_SUMS_MAX)
        return;
    *sum = (struct rs_bench_sum){.round_trip = whole->statistics.p50,
                                 .error = half_interval(&whole->statistics)};
    for (size_t i = 0; i < result->row_count; i++) {
        const struct rs_bench_row *row = &result->rows[i];

        if (strncmp(row->name, phase, length) != 0 || row->skipped[0])
            continue;
        phases++;
        sum->phases += row->statistics.p50;
        sum->error += half_interval(&row->statistics) + row->empty / 10;
    }
    if (phases != RS_STAMP_POINTS - 1)
        return;
    snprintf(sum->variant, sizeof(sum->variant), "%s", variant);
    sum->agrees = fabs(sum->phases - sum->round_trip) <= sum->error;
    result->sum_count++;
}

int rs_bench_make_rows(const struct rs_bench_plan *plan, const struct rs_bench_host *host,
                       struct rs_bench_sources *sources, struct rs_bench_result *result,
                       struct rs_error *error)
{
    result->rows = calloc(plan->item_count ? plan->item_count : 1, sizeof(result->rows[0]));
    if (!result->rows)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    result->boots = plan->boots;
    result->runs = plan->runs;
    result->samples = plan->samples;
    result->tsc_hz = host->tsc_hz;
    judge_ring_0(sources, host, result);
    for (size_t i = 0; i < plan->item_count; i++)
        if (make_row(&plan->items[i], host, sources, result, error) != 0)
            return -1;
    add_sum(result, "plain", "phase-", "syscall");
    add_sum(result, "kva", "kva-phase-", "kva-syscall");
    add_sum(result, "kva-pcid", "kva-pcid-phase-", "kva-pcid-syscall");
    return 0;
}
