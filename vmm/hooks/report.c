/* SPDX-License-Identifier: MIT
 * From a transition to a record in the stream. */
#include "internal.h"

#include <ringscope/nt/services.h>
#include <ringscope/x86/cpu.h>
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

struct rs_span_thread rs_hooks_thread(struct rs_hooks *hooks)
{
    const struct kvm_sregs *sregs = rs_vcpu_sregs(hooks->vcpu);

    return (struct rs_span_thread){
        .cr3 = sregs->cr3,
        .bases = rs_span_bases((uint8_t)hooks->vcpu->index, sregs->fs.base, sregs->gs.base)};
}

/* Of the thread that enters, where its kernel stack begins: SYSCALL does not load it, but the TSS
 * has it for the next interrupt. */
static struct rs_span_thread entering_thread(struct rs_hooks *hooks, const struct rs_event *entry)
{
    struct rs_span_thread thread = rs_hooks_thread(hooks);

    thread.stack = entry->to_rsp;
    if (entry->kind == RS_EVENT_SYSCALL &&
        rs_hooks_read(hooks, rs_vcpu_sregs(hooks->vcpu)->tr.base + TSS64_RSP0, &thread.stack,
                      sizeof(thread.stack)) != 0)
        thread.stack = 0;
    return thread;
}

/* Pseudo handles of the caller's own thread and process, NtCurrentThread() and NtCurrentProcess().
 */
#define CURRENT_THREAD UINT64_C(0xfffffffffffffffe)
#define CURRENT_PROCESS UINT64_C(0xffffffffffffffff)

/* The caller ends itself. The next thread with its stack and TEB must not end this call. */
static bool never_returns(const struct rs_event *entry)
{
    if (entry->kind != RS_EVENT_SYSCALL)
        return false;
    return (entry->code == RS_SERVICE_NtTerminateThread && entry->args[0] == CURRENT_THREAD) ||
           (entry->code == RS_SERVICE_NtTerminateProcess && entry->args[0] == CURRENT_PROCESS);
}

/* Of the vCPU whose entry it is about. An exact filter remembers nothing. */
static struct rs_filter_memory *memory_of(struct rs_hooks *hooks, const struct rs_event *event)
{
    return hooks->set->config.filter->exact ? NULL : &hooks->set->filtered[rs_filter_vcpu(event)];
}

/* Its return closes it. One that is not reported has no number. */
static void follow(struct rs_hooks *hooks, struct rs_event *entry, bool shown)
{
    const struct rs_span_thread thread = entering_thread(hooks, entry);
    struct rs_hook_set *set = hooks->set;
    bool returns = !never_returns(entry);

    if (!shown)
        entry->sequence = RS_SEQUENCE_HIDDEN;
    rs_hooks_lock(set);
    if (!returns) {
        rs_spans_forget(&set->spans, &thread);
    } else {
        if (!set->config.filter->exact)
            rs_filter_number(memory_of(hooks, entry), entry);
        rs_spans_enter(&set->spans, entry, &thread);
        if (set->config.string_size && entry->kind == RS_EVENT_SYSCALL)
            rs_arguments_keep(hooks, entry);
    }
    rs_hooks_unlock(set);
    if (!returns)
        return;
    hooks->hidden_entry = !shown && entry->depth < RS_SPANS_MAX;
    hooks->depth = (uint16_t)(entry->depth + 1);
    rs_sites_arm(hooks, true);
}

/* Gives an event that is reported its number, behind the marks that it brings. */
static struct rs_event *number(struct rs_hooks *hooks, struct rs_event *event)
{
    event = rs_marks_before(hooks, event);
    event->sequence = hooks->sequence++;
    return event;
}

static unsigned judge(struct rs_hooks *hooks, struct rs_event *event)
{
    struct rs_hook_set *set = hooks->set;
    unsigned verdict;

    if (set->muted || !set->config.filter)
        return 0;
    rs_hooks_lock(set);
    event->depth =
        (uint16_t)rs_spans_depth(&set->spans, event->vcpu, event->from_cpl, event->from_rsp);
    verdict = rs_filter_judge(set->config.filter, memory_of(hooks, event), event);
    rs_hooks_unlock(set);
    return verdict;
}

void rs_hooks_report(struct rs_hooks *hooks, struct rs_event *event)
{
    unsigned verdict = judge(hooks, event);

    if (verdict & RS_FILTER_SHOWN)
        event = number(hooks, event);
    else
        rs_marks_forget(&hooks->marks);
    if (verdict & RS_FILTER_FOLLOWED)
        follow(hooks, event, verdict & RS_FILTER_SHOWN);
    if (verdict & RS_FILTER_SHOWN)
        put(hooks, event);
}

static bool is_shown(struct rs_hooks *hooks, const struct rs_event *event)
{
    const struct rs_filter *filter = hooks->set->config.filter;
    bool shown;

    if (filter->exact)
        return true;
    rs_hooks_lock(hooks->set);
    shown = rs_filter_event(filter, memory_of(hooks, event), event);
    rs_hooks_unlock(hooks->set);
    return shown;
}

void rs_hooks_report_return(struct rs_hooks *hooks, const struct rs_span *entry,
                            struct rs_event *event)
{
    event->depth = entry->depth;
    event->entry_sequence = entry->sequence;
    event->entry_tsc = entry->tsc;
    event->entry_code = entry->code;
    event->entry_kind = entry->kind;
    event->entry_vcpu = entry->vcpu;
    event->vector = entry->vector;
    hooks->depth = entry->depth;
    if (!is_shown(hooks, event)) {
        rs_marks_forget(&hooks->marks);
        return;
    }
    event = number(hooks, event);
    put(hooks, event);
}

static void stamp(struct rs_hooks *hooks, uint64_t sequence, uint64_t tsc)
{
    rs_hooks_lock(hooks->set);
    rs_spans_stamp(&hooks->set->spans, (uint8_t)hooks->vcpu->index, sequence, tsc);
    rs_hooks_unlock(hooks->set);
}

void rs_hooks_resume(struct rs_hooks *hooks, uint64_t tsc)
{
    struct rs_record *record = hooks->pending;

    if (hooks->hidden_entry)
        stamp(hooks, RS_SEQUENCE_HIDDEN, tsc);
    hooks->hidden_entry = false;
    if (!record)
        return;
    record->event.tsc_resume = tsc;
    if (rs_event_direction(record->event.kind) == RS_DIRECTION_ENTRY)
        stamp(hooks, record->event.sequence, tsc);
    hooks->pending = NULL;
    rs_stream_publish(hooks->stream, record);
}
