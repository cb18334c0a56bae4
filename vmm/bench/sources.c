/* SPDX-License-Identifier: MIT
 * Sources: what is measured, and the records that came of it. */
#include "sources.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct rs_bench_source *rs_bench_source_find(struct rs_bench_sources *sources,
                                             enum rs_bench_variant variant, unsigned operation)
{
    for (unsigned i = 0; i < sources->count; i++)
        if (sources->list[i].variant == variant && sources->list[i].operation == operation)
            return &sources->list[i];
    return NULL;
}

struct rs_bench_source *rs_bench_source_add(struct rs_bench_sources *sources,
                                            enum rs_bench_variant variant, unsigned operation,
                                            unsigned count, uint64_t parameter)
{
    struct rs_bench_source *source = rs_bench_source_find(sources, variant, operation);

    if (source || sources->count == RS_BENCH_SOURCES_MAX)
        return source;
    source = &sources->list[sources->count++];
    *source = (struct rs_bench_source){
        .variant = variant, .operation = operation, .count = count, .parameter = parameter};
    return source;
}

void rs_bench_sources_free(struct rs_bench_sources *sources)
{
    for (unsigned i = 0; i < sources->count; i++) {
        free(sources->list[i].records);
        free(sources->list[i].run_of);
    }
    sources->count = 0;
}

static int make_room(struct rs_bench_source *source, size_t count)
{
    size_t room = source->room ? source->room : 256;
    void *grown;

    while (room < source->used + count)
        room *= 2;
    if (room == source->room)
        return 0;
    grown = realloc(source->records, room * sizeof(source->records[0]));
    if (!grown)
        return -1;
    source->records = grown;
    grown = realloc(source->run_of, room * sizeof(source->run_of[0]));
    if (!grown)
        return -1;
    source->run_of = grown;
    source->room = room;
    return 0;
}

int rs_bench_source_keep(struct rs_bench_source *source, unsigned run,
                         const struct rs_stamp_record *records, size_t count,
                         struct rs_error *error)
{
    if (make_room(source, count) != 0)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    memcpy(source->records + source->used, records, count * sizeof(records[0]));
    for (size_t i = 0; i < count; i++)
        source->run_of[source->used + i] = run;
    source->used += count;
    return 0;
}

size_t rs_bench_source_samples(const struct rs_bench_source *source, unsigned from, unsigned to,
                               double empty, struct rs_bench_sample **samples)
{
    size_t count = 0;

    *samples = calloc(source->used ? source->used : 1, sizeof(**samples));
    for (size_t i = 0; *samples && i < source->used; i++) {
        const uint64_t *tsc = source->records[i].tsc;

        if (tsc[from] != 0 && tsc[to] != 0)
            (*samples)[count++] =
                (struct rs_bench_sample){(double)(tsc[to] - tsc[from]) - empty, source->run_of[i]};
    }
    return count;
}

double rs_bench_source_median(const struct rs_bench_source *source, unsigned from, unsigned to)
{
    struct rs_bench_statistics statistics;
    struct rs_bench_sample *samples;
    size_t count = rs_bench_source_samples(source, from, to, 0, &samples);

    if (count)
        rs_bench_statistics(samples, count, &statistics);
    free(samples);
    return count ? statistics.p50 : NAN;
}
