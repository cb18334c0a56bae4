/* SPDX-License-Identifier: MIT
 * The method: in each boot of each variant a warm-up, then runs; within a run the operations take
 * turns, those of the host between those of the guest. */
#include "measure.h"

#include "known.h"
#include "rows.h"
#include "sources.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nt/services.h"

#define WARM_UP_BATCHES_MAX 8
#define WARM_UP_RECORDS 40
#define WARM_UP_TOLERANCE 0.05
#define CALIBRATION_RECORDS 60
#define LOOP_RECORDS 5
#define LOOP_TURNS 1000

struct session {
    const struct rs_bench_plan *plan;
    const struct rs_bench_host *host;
    struct rs_bench_sources sources;
    struct rs_bench_native native;
    struct rs_bench_guest guest;
    struct rs_bench_batch batch;
    struct rs_bench_known known;
    unsigned steps, steps_done;
    struct rs_error *error;
};

static void add_calibration(struct session *session, enum rs_bench_variant variant)
{
    rs_bench_source_add(&session->sources, variant, RS_OPERATION_EMPTY, CALIBRATION_RECORDS, 0);
    rs_bench_source_add(&session->sources, variant, RS_OPERATION_EMPTY_0, CALIBRATION_RECORDS, 0);
    rs_bench_source_add(&session->sources, variant, RS_OPERATION_STAMP_0, CALIBRATION_RECORDS, 0);
}

/* The plain variant is always there: it says what an instruction of ring 0 costs. */
static void make_sources(struct session *session)
{
    const struct rs_bench_plan *plan = session->plan;

    add_calibration(session, RS_BENCH_PLAIN);
    rs_bench_source_add(&session->sources, RS_BENCH_PLAIN, RS_OPERATION_LOOP, LOOP_RECORDS,
                        LOOP_TURNS);
    rs_bench_source_add(&session->sources, RS_BENCH_PLAIN, RS_OPERATION_LOOP_0, LOOP_RECORDS,
                        LOOP_TURNS);
    for (size_t i = 0; i < plan->item_count; i++) {
        const struct rs_bench_item *item = &plan->items[i];
        char why[RS_BENCH_TEXT_MAX];

        if (rs_bench_lacks_hook(item, session->host, why, sizeof(why)))
            continue;
        if (item->variant == RS_BENCH_HOST)
            rs_bench_source_add(&session->sources, RS_BENCH_HOST, RS_NATIVE_EMPTY,
                                CALIBRATION_RECORDS, 0);
        else
            add_calibration(session, item->variant);
        rs_bench_source_add(&session->sources, item->variant, item->operation, plan->samples, 0);
    }
}

static bool wants(const struct session *session, enum rs_bench_variant variant)
{
    if (variant == RS_BENCH_TRACED) /* where the known answer is asked for */
        return true;
    for (unsigned i = 0; i < session->sources.count; i++)
        if (session->sources.list[i].variant == variant)
            return true;
    return false;
}

static int measure_native(struct session *session, struct rs_bench_source *source, unsigned count)
{
    session->batch.count = count;
    session->batch.unsound = session->batch.status = 0;
    return rs_bench_native_measure(&session->native, (enum rs_native_operation)source->operation,
                                   count, session->batch.records, session->error);
}

static int measure_guest(struct session *session, struct rs_bench_source *source, unsigned count)
{
    return rs_bench_guest_measure(&session->guest, (enum rs_operation)source->operation, count,
                                  source->parameter, &session->batch, session->error);
}

/* One batch, in session->batch. What the guest refuses is skipped from then on. */
static int measure_batch(struct session *session, struct rs_bench_source *source, unsigned count)
{
    int result = source->variant == RS_BENCH_HOST ? measure_native(session, source, count)
                                                  : measure_guest(session, source, count);
    const char *name;

    if (result != 0)
        return -1;
    source->unsound += session->batch.unsound;
    if (session->batch.status != 0) {
        name = rs_status_name(session->batch.status);
        snprintf(source->skipped, sizeof(source->skipped), "the guest refuses it: %#" PRIx32 " %s",
                 session->batch.status, name ? name : "");
    } else if (session->batch.count == 0) {
        snprintf(source->skipped, sizeof(source->skipped), "the guest left no sound record");
    }
    return 0;
}

static double batch_median(const struct rs_bench_batch *batch)
{
    double ticks[RS_BENCH_RUNS_MAX];
    unsigned count = 0;

    for (; count < batch->count && count < RS_BENCH_RUNS_MAX; count++)
        ticks[count] = (double)(batch->records[count].tsc[RS_STAMP_AFTER] -
                                batch->records[count].tsc[RS_STAMP_BEFORE]);
    return rs_bench_median_of(ticks, count);
}

/* Until the medians of two batches, one after the other, are the same but for a little. */
static int warm_up(struct session *session, struct rs_bench_source *source)
{
    unsigned count = source->count < WARM_UP_RECORDS ? source->count : WARM_UP_RECORDS;
    double before = INFINITY, now;
    unsigned batches = 0;

    while (batches < WARM_UP_BATCHES_MAX) {
        if (measure_batch(session, source, count) != 0)
            return -1;
        if (source->skipped[0])
            return 0;
        batches++;
        now = batch_median(&session->batch);
        if (fabs(now - before) <= WARM_UP_TOLERANCE * now + 1)
            break;
        before = now;
    }
    if (batches == WARM_UP_BATCHES_MAX)
        source->unstable = true;
    if (batches > source->warm_up)
        source->warm_up = batches;
    return 0;
}

static void tell(struct session *session, const char *what)
{
    session->steps_done++;
    if (session->plan->progress)
        session->plan->progress(session->steps_done, session->steps, what);
}

static int keep_one(struct session *session, struct rs_bench_source *source, unsigned run)
{
    if (source->skipped[0])
        return 0;
    if (measure_batch(session, source, source->count) != 0)
        return -1;
    return rs_bench_source_keep(source, run, session->batch.records, session->batch.count,
                                session->error);
}

static struct rs_bench_source *next_of(struct session *session, enum rs_bench_variant variant,
                                       unsigned *at)
{
    while (*at < session->sources.count) {
        struct rs_bench_source *source = &session->sources.list[(*at)++];

        if (source->variant == variant)
            return source;
    }
    return NULL;
}

/* The host's operations lie between the guest's, while it stands still. */
static int run_once(struct session *session, enum rs_bench_variant variant, unsigned run)
{
    unsigned at = 0, host_at = variant == RS_BENCH_PLAIN ? 0 : session->sources.count;
    struct rs_bench_source *source, *of_host;

    do {
        source = next_of(session, variant, &at);
        of_host = next_of(session, RS_BENCH_HOST, &host_at);
        if ((source && keep_one(session, source, run) != 0) ||
            (of_host && keep_one(session, of_host, run) != 0))
            return -1;
    } while (source || of_host);
    return 0;
}

static int warm_up_all(struct session *session, enum rs_bench_variant variant)
{
    for (unsigned i = 0; i < session->sources.count; i++) {
        struct rs_bench_source *source = &session->sources.list[i];
        bool here = source->variant == variant ||
                    (source->variant == RS_BENCH_HOST && variant == RS_BENCH_PLAIN);

        if (here && !source->skipped[0] && warm_up(session, source) != 0)
            return -1;
    }
    return 0;
}

static void skip_all(struct session *session, enum rs_bench_variant variant, const char *why)
{
    for (unsigned i = 0; i < session->sources.count; i++)
        if (session->sources.list[i].variant == variant)
            snprintf(session->sources.list[i].skipped, RS_BENCH_TEXT_MAX, "%s", why);
}

static int measure_variant(struct session *session, enum rs_bench_variant variant, unsigned boot)
{
    const struct rs_bench_plan *plan = session->plan;

    if (variant == RS_BENCH_KVA_PCID && !session->guest.pcid) {
        skip_all(session, variant, "this host's KVM offers its guests no PCID");
        return 0;
    }
    if (variant == RS_BENCH_TRACED && rs_bench_known_measure(&session->known, &session->guest,
                                                             &session->batch, session->error) != 0)
        return -1;
    if (warm_up_all(session, variant) != 0)
        return -1;
    for (unsigned run = 0; run < plan->runs; run++) {
        if (run_once(session, variant, boot * plan->runs + run) != 0)
            return -1;
        tell(session, rs_bench_variant_id(variant));
    }
    return 0;
}

static int boot_variant(struct session *session, enum rs_bench_variant variant, unsigned boot)
{
    int result;

    if (rs_bench_guest_start(&session->guest, session->host, variant, session->error) != 0)
        return -1;
    result = measure_variant(session, variant, boot);
    rs_bench_guest_end(&session->guest);
    return result;
}

static int measure_all(struct session *session)
{
    for (unsigned variant = 0; variant < RS_BENCH_HOST; variant++)
        session->steps += wants(session, variant) * session->plan->boots * session->plan->runs;
    for (unsigned boot = 0; boot < session->plan->boots; boot++)
        for (unsigned variant = 0; variant < RS_BENCH_HOST; variant++)
            if (wants(session, variant) &&
                boot_variant(session, (enum rs_bench_variant)variant, boot) != 0)
                return -1;
    return 0;
}

int rs_bench_measure(const struct rs_bench_plan *plan, const struct rs_bench_host *host,
                     struct rs_bench_result *result, struct rs_error *error)
{
    struct session *session = calloc(1, sizeof(*session));
    int status = -1;

    if (!session)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    session->plan = plan;
    session->host = host;
    session->error = error;
    make_sources(session);
    rs_bench_signals(true);
    if (rs_bench_native_open(&session->native, host->kvm_fd, error) == 0) {
        rs_bench_known_init(&session->known, host->empty_span);
        status = measure_all(session);
        rs_bench_native_close(&session->native);
    }
    rs_bench_signals(false);
    if (status == 0)
        status = rs_bench_make_rows(plan, host, &session->sources, result, error);
    if (status == 0)
        rs_bench_known_judge(&session->known, plan->plant, result);
    rs_bench_sources_free(&session->sources);
    free(session);
    return status;
}
