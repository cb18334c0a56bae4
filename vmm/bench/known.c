/* SPDX-License-Identifier: MIT
 * The known answer. */
#include "known.h"

#include <math.h>
#include <ringscope/nt/services.h>

#define SPIN_MIN 100000
#define SPIN_MAX 1000000000
#define SPIN_OVER_CALL 16 /* so many times the call that does not spin */
#define SHORT_SPIN 2      /* the other spin is this part of it */
#define OVERSHOOT 1.1     /* a spin that took so much more than was asked for was interrupted */
#define ROUNDS_MAX 4      /* of calls in a boot, until half a round's were not interrupted */
#define QUARTILE 0.25
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

static uint64_t asked_of(const struct rs_bench_known *known, unsigned which)
{
    return which == RS_ANSWER_LONG ? known->ticks : known->ticks / SHORT_SPIN;
}

/* Nothing is asked of a call before it is known how long one takes. */
static bool is_interrupted(const struct rs_bench_known *known, unsigned which, unsigned i)
{
    uint64_t asked = asked_of(known, which);

    return asked > 0 && known->calls[which][i].told > OVERSHOOT * (double)asked;
}

static int call_and_keep(struct rs_bench_known *known, struct rs_bench_guest *guest, unsigned which,
                         struct rs_bench_batch *batch, struct rs_error *error)
{
    struct spans spans = {.empty_span = known->empty_span};
    int result;

    guest->event = on_event;
    guest->context = &spans;
    result = rs_bench_guest_measure(guest, RS_OPERATION_SYSCALL_SPIN, RS_ANSWER_RECORDS,
                                    asked_of(known, which), batch, error);
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

struct rest {
    unsigned count; /* of calls; 0: all were interrupted */
    double quartile, error;
};

/*
 * What a call takes beside what the kernel tells. Whatever else the machine does only adds to it,
 * so the lower quartile counts. Its error is half its interval, from order statistics, and how far
 * the median is from it: by that much calls differ for reasons that are not theirs, such as caches
 * that others have used while they spun.
 */
static struct rest rest_of(const struct rs_bench_known *known, unsigned which, bool active)
{
    struct rs_bench_sample samples[RS_ANSWER_MAX];
    struct rs_bench_statistics statistics;
    struct rest rest = {0};
    double reach, half;

    for (unsigned i = 0; i < known->counts[which]; i++) {
        const struct rs_bench_known_call *call = &known->calls[which][i];

        if (!is_interrupted(known, which, i))
            samples[rest.count++] =
                (struct rs_bench_sample){(active ? call->active : call->passive) - call->told, 0};
    }
    if (rest.count == 0)
        return rest;
    rs_bench_statistics(samples, rest.count, &statistics);
    reach = NORMAL_QUANTILE * sqrt(QUARTILE * (1 - QUARTILE) / rest.count);
    rest.quartile = rs_bench_quantile(samples, rest.count, QUARTILE);
    half = (rs_bench_quantile(samples, rest.count, QUARTILE + reach) -
            rs_bench_quantile(samples, rest.count, QUARTILE - reach)) /
           2;
    rest.error = half + statistics.p50 - rest.quartile;
    return rest;
}

static int decide(struct rs_bench_known *known, struct rs_bench_guest *guest,
                  struct rs_bench_batch *batch, struct rs_error *error)
{
    double call;

    if (call_and_keep(known, guest, RS_ANSWER_SHORT, batch, error) != 0)
        return -1;
    call = SPIN_OVER_CALL * rest_of(known, RS_ANSWER_SHORT, false).quartile;
    known->ticks = call < SPIN_MIN ? SPIN_MIN : call > SPIN_MAX ? SPIN_MAX : (uint64_t)call;
    known->counts[RS_ANSWER_SHORT] = 0;
    return 0;
}

static unsigned count_sound(const struct rs_bench_known *known, unsigned which, unsigned from)
{
    unsigned count = 0;

    for (unsigned i = from; i < known->counts[which]; i++)
        count += !is_interrupted(known, which, i);
    return count;
}

int rs_bench_known_measure(struct rs_bench_known *known, struct rs_bench_guest *guest,
                           struct rs_bench_batch *batch, struct rs_error *error)
{
    if (known->ticks == 0 && decide(known, guest, batch, error) != 0)
        return -1;
    for (unsigned which = 0; which < 2; which++) {
        unsigned before = known->counts[which], round = 0;

        do
            if (call_and_keep(known, guest, which, batch, error) != 0)
                return -1;
        while (++round < ROUNDS_MAX && count_sound(known, which, before) < RS_ANSWER_RECORDS / 2);
    }
    return 0;
}

static double median_told(const struct rs_bench_known *known, unsigned which)
{
    double told[RS_BENCH_RUNS_MAX];
    unsigned count = 0;

    for (unsigned i = 0; i < known->counts[which] && count < RS_BENCH_RUNS_MAX; i++)
        if (!is_interrupted(known, which, i))
            told[count++] = known->calls[which][i].told;
    return count ? rs_bench_median_of(told, count) : 0;
}

static void judge(const struct rs_bench_known *known, bool active, bool planted,
                  struct rs_bench_result *result)
{
    struct rs_bench_check *check = &result->checks[result->check_count++];
    const struct rest brief = rest_of(known, RS_ANSWER_SHORT, active);
    const struct rest spun = rest_of(known, RS_ANSWER_LONG, active);

    *check = (struct rs_bench_check){.known = median_told(known, RS_ANSWER_LONG) -
                                              median_told(known, RS_ANSWER_SHORT)};
    snprintf(check->method, sizeof(check->method), "%s", active ? "active" : "passive");
    check->recovered = check->known + spun.quartile - brief.quartile;
    if (planted)
        check->recovered *= PLANTED;
    check->error = RS_ANSWER_SHARE * check->known + brief.error + spun.error;
    check->ok = brief.count > 0 && spun.count > 0 &&
                check->error <= RS_ANSWER_ERROR_MAX * check->known &&
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
