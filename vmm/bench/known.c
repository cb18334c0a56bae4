/* SPDX-License-Identifier: MIT
 * The known answer. */
#include "known.h"

#include <math.h>
#include <ringscope/nt/services.h>

#define SPIN_MIN 100000
#define SPIN_MAX 1000000000
#define SPIN_OVER_CALL 4     /* so many times the call that does not spin */
#define NORMAL_QUANTILE 1.96 /* of 95 % on both sides */
#define PLANTED 1.5          /* what a planted error makes of a recovered time */

void rs_bench_known_init(struct rs_bench_known *known, uint64_t empty_span)
{
    known->empty_span = empty_span;
    known->ticks = 0;
    known->counts[0] = known->counts[1] = 0;
}

/* The spans of the calls of one request. */
struct spans {
    uint64_t empty_span;
    uint64_t entry; /* sequence number of the call that is open */
    bool open;
    double ticks[RS_ANSWER_RECORDS];
    unsigned count;
};

static void on_event(void *context, const struct rs_event *event)
{
    struct spans *spans = context;

    if (event->kind == RS_EVENT_SYSCALL) {
        spans->open = (event->code & RS_SERVICE_INDEX_MASK) == RS_SERVICE_NtSystemDebugControl &&
                      (uint32_t)event->args[0] == RS_SPIN_COMMAND;
        spans->entry = event->sequence;
    } else if (event->kind == RS_EVENT_SYSRET && spans->open &&
               event->entry_sequence == spans->entry) {
        spans->open = false;
        if (spans->count < RS_ANSWER_RECORDS)
            spans->ticks[spans->count++] = (double)rs_event_span(event, spans->empty_span);
    }
}

static int call_and_keep(struct rs_bench_known *known, struct rs_bench_guest *guest, unsigned which,
                         struct rs_bench_batch *batch, struct rs_error *error)
{
    struct spans spans = {.empty_span = known->empty_span};
    int result;

    guest->event = on_event;
    guest->context = &spans;
    result = rs_bench_guest_measure(guest, RS_OPERATION_SYSCALL_SPIN, RS_ANSWER_RECORDS,
                                    which ? known->ticks : 0, batch, error);
    guest->event = NULL;
    if (result != 0)
        return -1;
    if (batch->status != 0 || batch->count != RS_ANSWER_RECORDS || spans.count != batch->count)
        return rs_error_set(error, RS_EXIT_INVALID,
                            "the known answer cannot be asked for: %u stamped calls (status %#x), "
                            "%u in events, of %d",
                            batch->count, batch->status, spans.count, RS_ANSWER_RECORDS);
    for (unsigned i = 0; i < batch->count && known->counts[which] < RS_ANSWER_MAX; i++) {
        const uint64_t *tsc = batch->records[i].tsc;

        known->calls[which][known->counts[which]++] = (struct rs_bench_known_call){
            .passive = (double)(tsc[RS_STAMP_AFTER] - tsc[RS_STAMP_BEFORE]),
            .active = spans.ticks[i],
            .told = (double)(tsc[1] - tsc[RS_STAMP_BEFORE]),
        };
    }
    return 0;
}

/* What a call takes beside what the kernel tells: the median, and half of its interval, from order
 * statistics: calls that were interrupted are few enough to lie outside. */
static void rest_of(const struct rs_bench_known *known, unsigned which, bool active, double *median,
                    double *error)
{
    struct rs_bench_sample samples[RS_ANSWER_MAX];
    unsigned count = known->counts[which];
    double reach = NORMAL_QUANTILE / (2 * sqrt(count));
    struct rs_bench_statistics statistics;

    for (unsigned i = 0; i < count; i++) {
        const struct rs_bench_known_call *call = &known->calls[which][i];

        samples[i] =
            (struct rs_bench_sample){(active ? call->active : call->passive) - call->told, 0};
    }
    rs_bench_statistics(samples, count, &statistics);
    *median = statistics.p50;
    *error = (rs_bench_quantile(samples, count, 0.5 + reach) -
              rs_bench_quantile(samples, count, 0.5 - reach)) /
             2;
}

int rs_bench_known_measure(struct rs_bench_known *known, struct rs_bench_guest *guest,
                           struct rs_bench_batch *batch, struct rs_error *error)
{
    double call, error_of_call;

    if (call_and_keep(known, guest, 0, batch, error) != 0)
        return -1;
    if (known->ticks == 0) {
        rest_of(known, 0, false, &call, &error_of_call);
        call *= SPIN_OVER_CALL;
        known->ticks = call < SPIN_MIN ? SPIN_MIN : call > SPIN_MAX ? SPIN_MAX : (uint64_t)call;
    }
    return call_and_keep(known, guest, 1, batch, error);
}

static double median_told(const struct rs_bench_known *known)
{
    double told[RS_BENCH_RUNS_MAX];
    unsigned count = 0;

    for (; count < known->counts[1] && count < RS_BENCH_RUNS_MAX; count++)
        told[count] = known->calls[1][count].told;
    return rs_bench_median_of(told, count);
}

static void judge(const struct rs_bench_known *known, bool active, bool planted,
                  struct rs_bench_result *result)
{
    struct rs_bench_check *check = &result->checks[result->check_count++];
    double empty, empty_error, rest, rest_error;

    rest_of(known, 0, active, &empty, &empty_error);
    rest_of(known, 1, active, &rest, &rest_error);
    *check = (struct rs_bench_check){.known = median_told(known)};
    snprintf(check->method, sizeof(check->method), "%s", active ? "active" : "passive");
    check->recovered = check->known + rest - empty;
    if (planted)
        check->recovered *= PLANTED;
    check->error = RS_ANSWER_SHARE * (check->known + empty) + empty_error + rest_error;
    check->ok = check->error <= RS_ANSWER_ERROR_MAX * check->known &&
                fabs(check->recovered - check->known) <= check->error;
}

void rs_bench_known_judge(const struct rs_bench_known *known, enum rs_bench_plant plant,
                          struct rs_bench_result *result)
{
    if (known->counts[0] == 0 || known->counts[1] == 0)
        return;
    judge(known, true, plant == RS_BENCH_PLANT_ACTIVE, result);
    judge(known, false, plant == RS_BENCH_PLANT_PASSIVE, result);
}
