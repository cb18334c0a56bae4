/* SPDX-License-Identifier: MIT
 * Counts and times per kind of transition: `trace -c`. */
#ifndef RINGSCOPE_COUNTS_H
#define RINGSCOPE_COUNTS_H

#include "clock.h"

#include <ringscope/event.h>
#include <stdbool.h>
#include <stdio.h>

#define RS_COUNTS_MAX 512

struct rs_count {
    uint16_t kind; /* enum rs_event_kind of the entry */
    uint32_t key;  /* service, vector or MSR */
    uint64_t calls;
    uint64_t returns; /* of them with a time */
    uint64_t errors;  /* SYSCALL: returned a warning or an error */
    uint64_t ticks;
};

struct rs_counts {
    struct rs_count rows[RS_COUNTS_MAX];
    size_t used;
    uint64_t other;      /* events for which no row was left */
    uint64_t empty_span; /* ticks, taken off each time; the caller's to set */
};

void rs_counts_add(struct rs_counts *counts, const struct rs_event *event);

static inline bool rs_counts_is_return(const struct rs_event *event)
{
    return rs_event_direction(event->kind) == RS_DIRECTION_RETURN;
}

/* What an event, or the entry that a return closes, is counted under. */
static inline uint16_t rs_counts_kind(const struct rs_event *event)
{
    return rs_counts_is_return(event) ? event->entry_kind : event->kind;
}
uint32_t rs_counts_key(const struct rs_event *event);
/* "NtClose", "#PF", "WRMSR LSTAR". */
void rs_counts_name(uint16_t kind, uint32_t key, char *buffer, size_t size);

/* A table in strace's manner, most time first. */
void rs_counts_print(struct rs_counts *counts, const struct rs_clock *clock, bool emulated,
                     FILE *file);

#endif
