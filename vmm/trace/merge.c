/* SPDX-License-Identifier: MIT
 * Merge: the records of several streams in the order of their time. */
#include "merge.h"

#include <x86intrin.h>

uint64_t rs_record_tsc(const struct rs_record *record)
{
    return record->type == RS_RECORD_EVENT ? record->event.tsc_exit : record->tsc;
}

/* Read in this order: what is published between two of the reads is seen by the later one, or is
 * not older than the earlier one says. `now` was read before all of them. */
static const struct rs_record *look(struct rs_stream *stream, uint64_t now, uint64_t *bound)
{
    uint64_t floor = atomic_load_explicit(&stream->floor, memory_order_acquire);
    bool quiet = atomic_load_explicit(&stream->quiet, memory_order_acquire);
    const struct rs_record *record = rs_stream_peek(stream);

    *bound = record ? rs_record_tsc(record) : quiet ? now : floor;
    return record;
}

const struct rs_record *rs_merge_next(struct rs_merge *merge, struct rs_stream **from)
{
    const struct rs_record *oldest = NULL;
    uint64_t now, oldest_tsc = UINT64_MAX, bound = UINT64_MAX;
    bool waits = false;

    if (merge->count == 1) {
        *from = merge->streams[0];
        return rs_stream_peek(*from);
    }
    now = __rdtsc();
    _mm_lfence();
    for (unsigned i = 0; i < merge->count; i++) {
        uint64_t earliest;
        const struct rs_record *record = look(merge->streams[i], now, &earliest);

        waits |= atomic_load_explicit(&merge->streams[i]->waits, memory_order_relaxed);
        if (!record && earliest < bound)
            bound = earliest;
        if (record && earliest < oldest_tsc) {
            oldest = record;
            oldest_tsc = earliest;
            *from = merge->streams[i];
        }
    }
    return merge->ended || waits || oldest_tsc <= bound ? oldest : NULL;
}
