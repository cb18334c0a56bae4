/* SPDX-License-Identifier: MIT
 * Traces in the formats of other tools: events go in one by one in the order of their time, text
 * comes out. Memory does not grow with the trace; the same events give the same bytes. */
#ifndef RINGSCOPE_EXPORT_H
#define RINGSCOPE_EXPORT_H

#include "symbols/symbols.h"
#include "trace/clock.h"

#include <ringscope/event.h>
#include <stdbool.h>
#include <stdio.h>

/* X(name, title): each is vmm/trace/export/<name>.c. docs/export.md tells what they look like. */
#define RS_EXPORT_FORMATS(X)                                                                       \
    X(jsonl, "JSON lines, one object for each event")                                              \
    X(perfetto, "Chrome trace-event JSON, for https://ui.perfetto.dev")                            \
    X(ftrace, "text as in /sys/kernel/tracing/trace")                                              \
    X(text, "the lines of ringscope trace, numbered")

struct rs_export_format;

/* The format with this name, or NULL. */
const struct rs_export_format *rs_export_find(const char *name);

/* What is told of the run. */
struct rs_export_trace {
    struct rs_clock clock;
    bool emulated;                    /* times mean nothing on real hardware */
    uint64_t empty_span;              /* ticks, taken off durations */
    unsigned cpu_count;               /* vCPUs that the trace has streams of */
    const char *environment;          /* trace/ctf/environment.h */
    const struct rs_symbols *symbols; /* text; NULL: addresses are numbers */
};

struct rs_export;

/* The trace and the file stay the caller's, and stay until rs_export_end(). NULL: no memory. */
struct rs_export *rs_export_begin(const struct rs_export_format *format,
                                  const struct rs_export_trace *trace, FILE *file);
/* `discarded`: events that were lost so far. */
void rs_export_event(struct rs_export *export, const struct rs_event *event, uint64_t discarded);
/* One that is not wanted: only what it tells counts. */
void rs_export_pass(struct rs_export *export, const struct rs_event *event);
/* Ends what is open, so that the output is whole whatever came, and frees. Whether the file took
 * everything is for the caller to ask it. */
void rs_export_end(struct rs_export *export);

#endif
