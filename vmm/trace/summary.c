/* SPDX-License-Identifier: MIT
 * What a trace holds, by kind of transition. */
#include "summary.h"

#include "counts.h"

#include <stdlib.h>

#define HASH_FACTOR UINT32_C(0x9e3779b1) /* 2^32 / golden ratio */
#define HASH_SHIFT 16

static struct rs_summary_row *row(struct rs_summary *summary, uint16_t kind, uint32_t key)
{
    uint32_t slot = ((key ^ (uint32_t)kind << 28) * HASH_FACTOR) >> HASH_SHIFT;

    for (;; slot++) {
        uint16_t *entry = &summary->slots[slot % RS_SUMMARY_SLOTS];
        struct rs_summary_row *found;

        if (*entry == 0) {
            if (summary->used == RS_SUMMARY_ROWS)
                return NULL;
            found = &summary->rows[summary->used++];
            found->kind = kind;
            found->key = key;
            *entry = (uint16_t)summary->used;
            return found;
        }
        found = &summary->rows[*entry - 1];
        if (found->kind == kind && found->key == key)
            return found;
    }
}

void rs_summary_add(struct rs_summary *summary, const struct rs_event *event)
{
    struct rs_summary_row *found;

    summary->events++;
    if (event->kind < RS_EVENT_KIND_COUNT)
        summary->kinds[event->kind]++;
    if (rs_event_group(event->kind) == RS_GROUP_MARK)
        return;
    found = row(summary, rs_counts_kind(event), rs_counts_key(event));
    if (!found) {
        summary->other++;
        return;
    }
    found->deviations += event->deviations != 0;
    if (event->kind != RS_EVENT_SYSRET && event->kind != RS_EVENT_IRET) {
        found->calls++;
        return;
    }
    rs_histogram_add(&found->spans, rs_event_span(event, summary->empty_span));
    if (event->kind == RS_EVENT_SYSRET && (int32_t)event->code < 0)
        found->errors++;
}

static uint64_t value_of(const struct rs_summary_row *row, enum rs_summary_order order)
{
    switch (order) {
#define X(name, value)                                                                             \
    case RS_SUMMARY_BY_##name:                                                                     \
        return value;
        RS_SUMMARY_ORDERS(X)
#undef X
    default:
        return 0;
    }
}

static int compare(const void *left, const void *right, void *order)
{
    const struct rs_summary_row *a = left, *b = right;
    uint64_t a_value = value_of(a, *(enum rs_summary_order *)order);
    uint64_t b_value = value_of(b, *(enum rs_summary_order *)order);

    if (a_value != b_value)
        return a_value < b_value ? 1 : -1;
    if (a->calls != b->calls)
        return a->calls < b->calls ? 1 : -1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return a->key < b->key ? -1 : a->key > b->key;
}

void rs_summary_sort(struct rs_summary *summary, enum rs_summary_order order)
{
    qsort_r(summary->rows, summary->used, sizeof(summary->rows[0]), compare, &order);
}
