/* SPDX-License-Identifier: MIT
 * What was in a span and around it. */
#include "report_context.h"

#include "trace/counts.h"

#include <string.h>

/* How far back the transitions before the entry are looked for: there are marks between them. */
#define EVENTS_BACK 64

static void note_nested(struct rs_context *context, const struct rs_event *event,
                        const struct rs_event *end)
{
    const struct rs_event *longest = &context->longest;

    context->nested++;
    if (!rs_counts_is_return(event) || event->entry_vcpu != event->vcpu ||
        event->entry_sequence <= end->entry_sequence)
        return;
    if (!context->has_longest ||
        event->tsc_exit - event->entry_tsc > longest->tsc_exit - longest->entry_tsc) {
        context->longest = *event;
        context->has_longest = true;
    }
}

/* The last ones are kept. */
static void note_before(struct rs_context *context, const struct rs_event *event)
{
    if (context->before_count == RS_CONTEXT_EVENTS) {
        memmove(&context->before[0], &context->before[1],
                (RS_CONTEXT_EVENTS - 1) * sizeof(context->before[0]));
        context->before_count--;
    }
    context->before[context->before_count++] = *event;
}

/* False: there is no more to see. */
static bool note(struct rs_context *context, const struct rs_event *event,
                 const struct rs_event *end)
{
    if (rs_event_group(event->kind) == RS_GROUP_MARK)
        return true;
    if (event->sequence < end->entry_sequence) {
        note_before(context, event);
    } else if (event->sequence == end->entry_sequence) {
        context->entry = *event;
        context->has_entry = true;
    } else if (event->sequence < end->sequence) {
        note_nested(context, event, end);
    } else if (event->sequence > end->sequence) {
        context->after[context->after_count++] = *event;
    }
    return context->after_count < RS_CONTEXT_EVENTS;
}

static void seek(struct rs_ctf_reader *reader, struct rs_ctf_source *source, uint64_t sequence)
{
    rs_ctf_source_seek(reader, source, sequence > EVENTS_BACK ? sequence - EVENTS_BACK : 0);
}

/* The thread has moved to another vCPU in between. What was in the span cannot be told from what
 * else these two did. */
static void read_moved(struct rs_context *context, struct rs_ctf_reader *reader,
                       const struct rs_slow_span *span)
{
    const struct rs_event *end = &span->event;
    struct rs_ctf_source *source;

    context->moved = true;
    if (end->entry_vcpu < reader->stream_count) {
        source = &reader->sources[end->entry_vcpu];
        seek(reader, source, end->entry_sequence);
        while (source->ready && source->event.sequence <= end->entry_sequence &&
               note(context, &source->event, end))
            rs_ctf_source_next(reader, source);
    }
    source = &reader->sources[span->stream];
    rs_ctf_source_seek(reader, source, end->sequence + 1);
    while (source->ready && context->after_count < RS_CONTEXT_EVENTS) {
        if (rs_event_group(source->event.kind) != RS_GROUP_MARK)
            context->after[context->after_count++] = source->event;
        rs_ctf_source_next(reader, source);
    }
}

void rs_context_read(struct rs_context *context, struct rs_ctf_reader *reader,
                     const struct rs_slow_span *span)
{
    const struct rs_event *end = &span->event;
    struct rs_ctf_source *source;

    *context = (struct rs_context){0};
    if (span->stream >= reader->stream_count)
        return;
    if (end->entry_vcpu != end->vcpu) {
        read_moved(context, reader, span);
        return;
    }
    if (end->entry_sequence > end->sequence)
        return;
    source = &reader->sources[span->stream];
    seek(reader, source, end->entry_sequence);
    while (source->ready && note(context, &source->event, end))
        rs_ctf_source_next(reader, source);
}
