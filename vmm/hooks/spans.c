/* SPDX-License-Identifier: MIT
 * Spans: which return closes which entry. */
#include "spans.h"

static bool same_thread(const struct rs_span_thread *a, const struct rs_span_thread *b)
{
    return a->bases == b->bases && a->cr3 == b->cr3;
}

/* Removes what the thread has open, from the span at `first` on. */
static void close_from(struct rs_spans *spans, unsigned first, const struct rs_span_thread *thread)
{
    unsigned kept = first;

    for (unsigned i = first; i < spans->count; i++)
        if (!same_thread(&spans->open[i].thread, thread))
            spans->open[kept++] = spans->open[i];
    spans->count = kept;
}

/* Between stacks there is a page that is not mapped: this near, it is the same one. */
#define NEAR 0x1000

#define PAGE_SHIFT 12

/* How far below the beginning of one of its stacks; RS_SPAN_STACK_SIZE or more: on none. Page
 * numbers are cut to 32 bits, which no two stacks near each other notice. */
static uint64_t distance(const struct rs_span *span, uint64_t rsp)
{
    uint64_t below = span->thread.stack ? span->thread.stack - rsp : UINT64_MAX;
    uint64_t pages = (uint32_t)(span->copied - (uint32_t)(rsp >> PAGE_SHIFT));

    if (span->copied && pages << PAGE_SHIFT < below && pages > 0)
        below = (pages << PAGE_SHIFT) - 1;
    return below;
}

/* The last entry on this vCPU; spans->count: none is open. */
static unsigned last_of(const struct rs_spans *spans, uint8_t vcpu)
{
    for (unsigned i = spans->count; i > 0; i--)
        if (spans->open[i - 1].vcpu == vcpu)
            return i - 1;
    return spans->count;
}

/* The innermost open entry whose stack `rsp` is on; without one the last entry of the vCPU: nothing
 * tells of a switch since. An index, which is `count` when nothing is open. */
static unsigned around(const struct rs_spans *spans, uint8_t vcpu, uint64_t rsp, bool *known)
{
    unsigned nearest = spans->count;
    uint64_t shortest = RS_SPAN_STACK_SIZE;

    for (unsigned i = spans->count; i > 0 && shortest >= NEAR; i--) {
        uint64_t below = distance(&spans->open[i - 1], rsp);

        if (below >= shortest)
            continue;
        shortest = below;
        nearest = i - 1;
    }
    *known = nearest != spans->count;
    return *known ? nearest : last_of(spans, vcpu);
}

unsigned rs_spans_depth(const struct rs_spans *spans, uint8_t vcpu, uint8_t from_cpl,
                        uint64_t from_rsp)
{
    bool known;
    unsigned outer = from_cpl == 0 ? around(spans, vcpu, from_rsp, &known) : spans->count;

    return outer < spans->count ? spans->open[outer].depth + 1u : 0;
}

/* The entry that one from ring 0 is inside of; NULL: none is open. */
static const struct rs_span *find_outer(struct rs_spans *spans, uint8_t vcpu, uint64_t rsp)
{
    bool known;
    unsigned index = around(spans, vcpu, rsp, &known);
    struct rs_span *outer = index < spans->count ? &spans->open[index] : NULL;

    if (outer && !known && spans->copies && outer->from_cpl != 0)
        outer->copied = (uint32_t)(rsp >> PAGE_SHIFT) + 1;
    return outer;
}

void rs_spans_enter(struct rs_spans *spans, const struct rs_event *event,
                    const struct rs_span_thread *thread)
{
    const struct rs_span *outer = NULL;
    struct rs_span *span;

    /* An entry from ring 3 cannot be inside another: what its thread has open never returned. */
    if (event->from_cpl != 0)
        close_from(spans, 0, thread);
    else
        outer = find_outer(spans, event->vcpu, event->from_rsp);
    if (spans->count == RS_SPANS_MAX) {
        spans->overflows++;
        return;
    }
    span = &spans->open[spans->count++];
    span->sequence = event->sequence;
    span->tsc = 0;
    span->from_rsp = event->from_rsp;
    span->thread.cr3 = outer ? outer->thread.cr3 : thread->cr3;
    span->thread.bases = outer ? outer->thread.bases : thread->bases;
    span->thread.stack = thread->stack;
    span->code = event->code;
    span->kind = event->kind;
    span->depth = (uint16_t)(outer ? outer->depth + 1 : 0);
    span->vector = event->vector;
    span->from_cpl = event->from_cpl;
    span->vcpu = event->vcpu;
    span->copied = 0;
}

void rs_spans_forget(struct rs_spans *spans, const struct rs_span_thread *thread)
{
    close_from(spans, 0, thread);
}

void rs_spans_stamp(struct rs_spans *spans, uint8_t vcpu, uint64_t sequence, uint64_t tsc)
{
    unsigned last = last_of(spans, vcpu);

    if (last < spans->count && spans->open[last].sequence == sequence)
        spans->open[last].tsc = tsc;
}

static bool close_at(struct rs_spans *spans, unsigned index, struct rs_span *entry)
{
    *entry = spans->open[index];
    close_from(spans, index, &entry->thread);
    return true;
}

static bool return_to_ring_3(struct rs_spans *spans, uint64_t rsp,
                             const struct rs_span_thread *thread, struct rs_span *entry)
{
    for (unsigned i = 0; i < spans->count; i++)
        if (spans->open[i].from_cpl != 0 && same_thread(&spans->open[i].thread, thread))
            return close_at(spans, i, entry);
    for (unsigned i = spans->count; i > 0; i--)
        if (spans->open[i - 1].from_cpl != 0 && spans->open[i - 1].from_rsp == rsp &&
            spans->open[i - 1].thread.cr3 == thread->cr3)
            return close_at(spans, i - 1, entry);
    close_from(spans, 0, thread);
    return false;
}

bool rs_spans_return(struct rs_spans *spans, uint8_t cpl, uint64_t rsp,
                     const struct rs_span_thread *thread, struct rs_span *entry)
{
    if (cpl != 0)
        return return_to_ring_3(spans, rsp, thread, entry);
    for (unsigned i = spans->count; i > 0; i--)
        if (spans->open[i - 1].from_cpl == 0 && spans->open[i - 1].from_rsp == rsp)
            return close_at(spans, i - 1, entry);
    return false;
}
