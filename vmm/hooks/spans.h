/* SPDX-License-Identifier: MIT
 * Spans: which return closes which entry. Pure C. */
#ifndef RINGSCOPE_SPANS_H
#define RINGSCOPE_SPANS_H

#include <ringscope/event.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Entries nest: a page fault inside a system call. A return to ring 3 ends everything that was
 * open, whatever its address: NtContinue and exception dispatch go back elsewhere than they came
 * from. A return to ring 0 closes the innermost entry that came from ring 0 with that stack
 * pointer.
 */
#define RS_SPANS_MAX 4096 /* 160 KiB for each vCPU; beyond it entries have no return */

struct rs_span {
    uint64_t sequence; /* of the entry event */
    uint64_t tsc;      /* its tsc_resume */
    uint64_t from_rsp;
    uint32_t code;
    uint16_t kind; /* enum rs_event_kind */
    uint8_t vector;
    uint8_t from_cpl;
};

struct rs_spans {
    unsigned count;
    uint64_t overflows; /* entries that were deeper than RS_SPANS_MAX and are not paired */
    struct rs_span open[RS_SPANS_MAX];
};

void rs_spans_enter(struct rs_spans *spans, const struct rs_event *event);

/* The guest ran on at `tsc` after the innermost entry. */
void rs_spans_stamp(struct rs_spans *spans, uint64_t sequence, uint64_t tsc);

/* A return to `cpl` with stack pointer `rsp`. On true *entry is the entry that it closes. */
bool rs_spans_return(struct rs_spans *spans, uint8_t cpl, uint64_t rsp, struct rs_span *entry);

#endif
