/* SPDX-License-Identifier: MIT
 * What a trace holds, by kind of transition: counts, and how long the spans were. */
#ifndef RINGSCOPE_SUMMARY_H
#define RINGSCOPE_SUMMARY_H

#include "histogram.h"

#include <ringscope/event.h>
#include <stdbool.h>
#include <stddef.h>

#define RS_SUMMARY_ROWS 512
#define RS_SUMMARY_SLOTS (2 * RS_SUMMARY_ROWS) /* a power of two */

/* Events by the deviation that they have, and those that were repaired. */
struct rs_summary_deviations {
    uint64_t events; /* with any */
    uint64_t repaired;
    uint64_t bits[RS_DEVIATION_COUNT];
};

struct rs_summary_row {
    uint16_t kind; /* of the entry */
    uint32_t key;  /* service, vector or MSR: rs_counts_key() */
    uint64_t calls;
    uint64_t errors; /* calls that returned a warning or an error */
    struct rs_summary_deviations deviations;
    struct rs_histogram spans; /* ticks from entry to return */
};

struct rs_summary {
    uint64_t events;
    uint64_t empty_span; /* ticks, taken off each span; the caller's to set */
    uint64_t kinds[RS_EVENT_KIND_COUNT];
    struct rs_summary_deviations deviations[RS_EVENT_KIND_COUNT];
    uint64_t other; /* events for which no row was left */
    size_t used;
    uint16_t slots[RS_SUMMARY_SLOTS]; /* hash table: row + 1, 0 is free */
    struct rs_summary_row rows[RS_SUMMARY_ROWS];
};

void rs_summary_add(struct rs_summary *summary, const struct rs_event *event);
void rs_summary_merge(struct rs_summary *into, const struct rs_summary *from);

/* NULL: no such row. */
const struct rs_summary_row *rs_summary_find(const struct rs_summary *summary, uint16_t kind,
                                             uint32_t key);
/* Whether transitions of this kind have a return. */
bool rs_summary_has_returns(uint16_t kind);
/* Calls whose return is not in the trace. */
uint64_t rs_summary_open(const struct rs_summary_row *row);

#endif
