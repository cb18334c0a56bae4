/* SPDX-License-Identifier: MIT
 * From a transition to a record in the stream. */
#include "internal.h"

#include <string.h>

/* In parts, because gcc clears a structure of this size with REP STOS, which takes longer to start
 * than all of these stores. */
#define PART 64

static void clear(struct rs_event *event)
{
    char *bytes = (char *)event;
    size_t at = 0;

    for (; at + PART <= RS_EVENT_FIXED_SIZE; at += PART)
        memset(bytes + at, 0, PART);
    memset(bytes + at, 0, RS_EVENT_FIXED_SIZE % PART);
}

struct rs_event *rs_hooks_event(struct rs_hooks *hooks, enum rs_event_kind kind)
{
    struct rs_event *event = &rs_stream_reserve(hooks->stream)->event;

    clear(event);
    event->kind = (uint16_t)kind;
    event->vcpu = (uint8_t)hooks->vcpu->index;
    event->cr3 = rs_vcpu_sregs(hooks->vcpu)->cr3;
    event->tsc_exit = hooks->tsc_exit;
    return event;
}

static void count_deviations(struct rs_hooks *hooks, const struct rs_event *event)
{
    if (event->deviations == 0 && !(event->flags & RS_EVENT_REPAIRED))
        return;
    for (unsigned bit = 0; bit < RS_DEVIATION_COUNT; bit++)
        if (event->deviations & (1u << bit))
            hooks->counts.deviations[bit]++;
    if (event->flags & RS_EVENT_REPAIRED)
        hooks->counts.repaired++;
}

static void put(struct rs_hooks *hooks, struct rs_event *event)
{
    struct rs_record *record = rs_record_of(event);

    record->type = RS_RECORD_EVENT;
    record->size = sizeof(*event);
    hooks->pending = record;
    hooks->counts.events++;
    count_deviations(hooks, event);
}

_Static_assert(RS_FILTER_DEPTH_MAX == RS_SPANS_MAX, "every span's entry is remembered");

/* Its return closes it. One that is not reported has no number. */
static void follow(struct rs_hooks *hooks, struct rs_event *entry, bool shown)
{
    if (!shown)
        entry->sequence = RS_SEQUENCE_HIDDEN;
    rs_filter_number(&hooks->filtered, entry);
    hooks->hidden_entry = !shown && entry->depth < RS_SPANS_MAX;
    rs_spans_enter(&hooks->spans, entry);
    if (hooks->config.string_size && entry->kind == RS_EVENT_SYSCALL)
        rs_arguments_keep(hooks, entry);
    rs_sites_arm(hooks, true);
}

/* Gives an event that is reported its number, behind the marks that it brings. */
static struct rs_event *number(struct rs_hooks *hooks, struct rs_event *event)
{
    event = rs_marks_before(hooks, event);
    event->sequence = hooks->sequence++;
    return event;
}

void rs_hooks_report(struct rs_hooks *hooks, struct rs_event *event)
{
    unsigned verdict = 0;

    if (!hooks->muted && hooks->config.filter) {
        event->depth = (uint16_t)(event->from_cpl == 0 ? hooks->spans.count : 0);
        verdict = rs_filter_judge(hooks->config.filter, &hooks->filtered, event);
    }
    if (verdict & RS_FILTER_SHOWN)
        event = number(hooks, event);
    else
        rs_marks_forget(&hooks->marks);
    if (verdict & RS_FILTER_FOLLOWED)
        follow(hooks, event, verdict & RS_FILTER_SHOWN);
    if (verdict & RS_FILTER_SHOWN)
        put(hooks, event);
}

void rs_hooks_report_return(struct rs_hooks *hooks, const struct rs_span *entry,
                            struct rs_event *event)
{
    event->depth = (uint16_t)hooks->spans.count;
    event->entry_sequence = entry->sequence;
    event->entry_tsc = entry->tsc;
    event->entry_code = entry->code;
    event->entry_kind = entry->kind;
    event->vector = entry->vector;
    if (!hooks->config.filter->exact &&
        !rs_filter_event(hooks->config.filter, &hooks->filtered, event)) {
        rs_marks_forget(&hooks->marks);
        return;
    }
    event = number(hooks, event);
    put(hooks, event);
}

void rs_hooks_resume(struct rs_hooks *hooks, uint64_t tsc)
{
    struct rs_record *record = hooks->pending;

    if (hooks->hidden_entry)
        rs_spans_stamp(&hooks->spans, RS_SEQUENCE_HIDDEN, tsc);
    hooks->hidden_entry = false;
    if (!record)
        return;
    record->event.tsc_resume = tsc;
    rs_spans_stamp(&hooks->spans, record->event.sequence, tsc);
    hooks->pending = NULL;
    rs_stream_publish(hooks->stream, record);
}
