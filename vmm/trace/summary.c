/* SPDX-License-Identifier: MIT
 * What a trace holds, by kind of transition. */
#include "summary.h"

#include "counts.h"

#include <stdlib.h>

#define HASH_FACTOR UINT32_C(0x9e3779b1) /* 2^32 / golden ratio */
#define HASH_SHIFT 16

bool rs_summary_has_returns(uint16_t kind)
{
    return rs_event_direction(kind) == RS_DIRECTION_ENTRY;
}

uint64_t rs_summary_open(const struct rs_summary_row *row)
{
    return rs_summary_has_returns(row->kind) && row->calls > row->spans.count
               ? row->calls - row->spans.count
               : 0;
}

/* The slot of a row, or the free one where it belongs. There are more slots than rows. */
static unsigned slot_of(const struct rs_summary *summary, uint16_t kind, uint32_t key)
{
    uint32_t slot = ((key ^ (uint32_t)kind << 27) * HASH_FACTOR) >> HASH_SHIFT;

    for (;; slot++) {
        unsigned entry = summary->slots[slot % RS_SUMMARY_SLOTS];

        if (entry == 0 ||
            (summary->rows[entry - 1].kind == kind && summary->rows[entry - 1].key == key))
            return slot % RS_SUMMARY_SLOTS;
    }
}

static struct rs_summary_row *row(struct rs_summary *summary, uint16_t kind, uint32_t key)
{
    unsigned slot = slot_of(summary, kind, key);
    struct rs_summary_row *added;

    if (summary->slots[slot] != 0)
        return &summary->rows[summary->slots[slot] - 1];
    if (summary->used == RS_SUMMARY_ROWS)
        return NULL;
    added = &summary->rows[summary->used++];
    added->kind = kind;
    added->key = key;
    summary->slots[slot] = (uint16_t)summary->used;
    return added;
}

const struct rs_summary_row *rs_summary_find(const struct rs_summary *summary, uint16_t kind,
                                             uint32_t key)
{
    unsigned entry = summary->slots[slot_of(summary, kind, key)];

    return entry ? &summary->rows[entry - 1] : NULL;
}

static void add_deviations(struct rs_summary_deviations *deviations, const struct rs_event *event)
{
    uint64_t bits = event->deviations;

    deviations->events++;
    deviations->repaired += (event->flags & RS_EVENT_REPAIRED) != 0;
    for (; bits; bits &= bits - 1) {
        unsigned bit = (unsigned)__builtin_ctzll(bits);

        if (bit < RS_DEVIATION_COUNT)
            deviations->bits[bit]++;
    }
}

void rs_summary_add(struct rs_summary *summary, const struct rs_event *event)
{
    struct rs_summary_row *found;

    summary->events++;
    summary->kinds[event->kind]++;
    if (event->deviations)
        add_deviations(&summary->deviations[event->kind], event);
    if (rs_event_group(event->kind) == RS_GROUP_MARK)
        return;
    found = row(summary, rs_counts_kind(event), rs_counts_key(event));
    if (!found) {
        summary->other++;
        return;
    }
    if (event->deviations)
        add_deviations(&found->deviations, event);
    if (rs_event_direction(event->kind) != RS_DIRECTION_RETURN) {
        found->calls++;
        return;
    }
    rs_histogram_add(&found->spans, rs_event_span(event, summary->empty_span));
    if (event->kind == RS_EVENT_SYSRET && (int32_t)event->code < 0)
        found->errors++;
}

static void merge_deviations(struct rs_summary_deviations *into,
                             const struct rs_summary_deviations *from)
{
    into->events += from->events;
    into->repaired += from->repaired;
    for (unsigned bit = 0; bit < RS_DEVIATION_COUNT; bit++)
        into->bits[bit] += from->bits[bit];
}

void rs_summary_merge(struct rs_summary *into, const struct rs_summary *from)
{
    into->events += from->events;
    into->other += from->other;
    for (unsigned kind = 0; kind < RS_EVENT_KIND_COUNT; kind++) {
        into->kinds[kind] += from->kinds[kind];
        merge_deviations(&into->deviations[kind], &from->deviations[kind]);
    }
    for (size_t i = 0; i < from->used; i++) {
        const struct rs_summary_row *more = &from->rows[i];
        struct rs_summary_row *found = row(into, more->kind, more->key);

        if (!found) {
            into->other += more->calls + more->spans.count;
            continue;
        }
        found->calls += more->calls;
        found->errors += more->errors;
        merge_deviations(&found->deviations, &more->deviations);
        rs_histogram_merge(&found->spans, &more->spans);
    }
}
