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

static bool is_wanted(const struct rs_hooks *hooks, const struct rs_event *event)
{
    const struct rs_filter *filter = hooks->config.filter;

    switch (event->kind) {
    case RS_EVENT_SYSCALL:
        return rs_filter_service(filter, event->code);
    case RS_EVENT_INTERRUPT:
        return rs_filter_interrupt(filter, event->vector);
    case RS_EVENT_WRMSR:
    case RS_EVENT_RDMSR:
        return rs_filter_msr(filter, event->code);
    case RS_EVENT_SYSRET:
    case RS_EVENT_IRET: /* the entry was wanted */
        return true;
    default:
        return rs_filter_vector(filter, event->vector);
    }
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

void rs_hooks_report(struct rs_hooks *hooks, struct rs_event *event)
{
    if (hooks->muted || !hooks->config.filter || !is_wanted(hooks, event)) {
        rs_marks_forget(&hooks->marks);
        return;
    }
    event = rs_marks_before(hooks, event);
    event->sequence = hooks->sequence++;
    event->depth = (uint16_t)(event->from_cpl == 0 ? hooks->spans.count : 0);
    if (event->kind != RS_EVENT_WRMSR && event->kind != RS_EVENT_RDMSR) {
        rs_spans_enter(&hooks->spans, event);
        if (hooks->config.string_size && event->kind == RS_EVENT_SYSCALL)
            rs_arguments_keep(hooks, event);
        rs_sites_arm(hooks, true);
    }
    put(hooks, event);
}

void rs_hooks_report_return(struct rs_hooks *hooks, const struct rs_span *entry,
                            struct rs_event *event)
{
    event->entry_sequence = entry->sequence;
    event->entry_tsc = entry->tsc;
    event->entry_code = entry->code;
    event->entry_kind = entry->kind;
    event->vector = entry->vector;
    event = rs_marks_before(hooks, event);
    event->sequence = hooks->sequence++;
    event->depth = (uint16_t)hooks->spans.count;
    put(hooks, event);
}

void rs_hooks_resume(struct rs_hooks *hooks, uint64_t tsc)
{
    struct rs_record *record = hooks->pending;

    if (!record)
        return;
    record->event.tsc_resume = tsc;
    rs_spans_stamp(&hooks->spans, record->event.sequence, tsc);
    hooks->pending = NULL;
    rs_stream_publish(hooks->stream, record);
}
