/* SPDX-License-Identifier: MIT
 * What was in a span and around it: read from its place in the trace. */
#ifndef RINGSCOPE_COMMANDS_REPORT_CONTEXT_H
#define RINGSCOPE_COMMANDS_REPORT_CONTEXT_H

#include "trace/ctf/reader.h"
#include "trace/slowest.h"

#define RS_CONTEXT_EVENTS 2

struct rs_context {
    struct rs_event before[RS_CONTEXT_EVENTS], after[RS_CONTEXT_EVENTS];
    size_t before_count, after_count;
    bool moved;     /* to another vCPU: nothing is told of what was in it */
    bool has_entry; /* false: lost, or not in the trace */
    struct rs_event entry;
    uint64_t nested; /* transitions of the stream between entry and return */
    bool has_longest;
    struct rs_event longest; /* return of the longest span in between */
};

/* Moves the reader's place in the streams of the span. */
void rs_context_read(struct rs_context *context, struct rs_ctf_reader *reader,
                     const struct rs_slow_span *span);

#endif
