/* SPDX-License-Identifier: MIT
 * What a trace holds, by kind of transition: counts, and how long the spans were. */
#ifndef RINGSCOPE_SUMMARY_H
#define RINGSCOPE_SUMMARY_H

#include "histogram.h"

#include <ringscope/event.h>
#include <stddef.h>

#define RS_SUMMARY_ROWS 512
#define RS_SUMMARY_SLOTS (2 * RS_SUMMARY_ROWS) /* a power of two */

struct rs_summary_row {
    uint16_t kind; /* of the entry */
    uint32_t key;  /* service, vector or MSR: rs_counts_key() */
    uint64_t calls;
    uint64_t errors;           /* calls that returned a warning or an error */
    uint64_t deviations;       /* events in which the host departed from the SDM */
    struct rs_histogram spans; /* ticks from entry to return */
};

struct rs_summary {
    uint64_t events;
    uint64_t empty_span; /* ticks, taken off each span; the caller's to set */
    uint64_t kinds[RS_EVENT_KIND_COUNT];
    uint64_t other; /* events for which no row was left */
    size_t used;
    uint16_t slots[RS_SUMMARY_SLOTS]; /* hash table: row + 1, 0 is free */
    struct rs_summary_row rows[RS_SUMMARY_ROWS];
};

void rs_summary_add(struct rs_summary *summary, const struct rs_event *event);
/* What a summary can be sorted by, the largest first. X(name, of a row) */
#define RS_SUMMARY_ORDERS(X)                                                                       \
    X(total, row->spans.total)                                                                     \
    X(calls, row->calls)                                                                           \
    X(errors, row->errors)                                                                         \
    X(deviations, row->deviations)                                                                 \
    X(min, row->spans.min)                                                                         \
    X(p50, rs_histogram_quantile(&row->spans, 500))                                                \
    X(p99, rs_histogram_quantile(&row->spans, 990))                                                \
    X(max, row->spans.max)

enum rs_summary_order {
#define X(name, value) RS_SUMMARY_BY_##name,
    RS_SUMMARY_ORDERS(X)
#undef X
    RS_SUMMARY_ORDER_COUNT
};

/* Nothing can be added after it. */
void rs_summary_sort(struct rs_summary *summary, enum rs_summary_order order);

#endif
