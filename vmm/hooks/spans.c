/* SPDX-License-Identifier: MIT
 * Spans: which return closes which entry. */
#include "spans.h"

void rs_spans_enter(struct rs_spans *spans, const struct rs_event *event)
{
    /* An entry from ring 3 cannot be inside another: what is open never returned. */
    if (event->from_cpl != 0)
        spans->count = 0;
    if (spans->count == RS_SPANS_MAX) {
        spans->overflows++;
        return;
    }
    spans->open[spans->count++] = (struct rs_span){
        .sequence = event->sequence,
        .from_rsp = event->from_rsp,
        .code = event->code,
        .kind = event->kind,
        .vector = event->vector,
        .from_cpl = event->from_cpl,
    };
}

void rs_spans_stamp(struct rs_spans *spans, uint64_t sequence, uint64_t tsc)
{
    if (spans->count > 0 && spans->open[spans->count - 1].sequence == sequence)
        spans->open[spans->count - 1].tsc = tsc;
}

static bool close_outermost(struct rs_spans *spans, struct rs_span *entry)
{
    if (spans->count == 0 || spans->open[0].from_cpl == 0) {
        spans->count = 0;
        return false;
    }
    *entry = spans->open[0];
    spans->count = 0;
    return true;
}

bool rs_spans_return(struct rs_spans *spans, uint8_t cpl, uint64_t rsp, struct rs_span *entry)
{
    if (cpl != 0)
        return close_outermost(spans, entry);
    for (unsigned i = spans->count; i > 0; i--) {
        if (spans->open[i - 1].from_cpl == 0 && spans->open[i - 1].from_rsp == rsp) {
            *entry = spans->open[i - 1];
            spans->count = i - 1;
            return true;
        }
    }
    return false;
}
