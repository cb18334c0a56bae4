/* SPDX-License-Identifier: MIT
 * Spans as nested slices. */
#include "nesting.h"

#include "fields.h"
#include "trace/counts.h"

struct at {
    struct rs_nest *nest;
    struct rs_nest_vcpu *vcpu;
    uint8_t number;
    const struct rs_event *event;
};

uint64_t rs_nest_time(struct rs_nest *nest, uint8_t vcpu, uint64_t ns)
{
    struct rs_nest_vcpu *of = &nest->vcpus[vcpu];

    if (ns > of->ns)
        of->ns = ns;
    return of->ns;
}

static void put(const struct at *at, enum rs_nest_kind kind, struct rs_nest_span *span, uint64_t ns)
{
    struct rs_nest_step step = {
        .kind = kind,
        .vcpu = at->number,
        .ns = rs_nest_time(at->nest, at->number, ns),
        .depth = at->vcpu->count,
        .span = span,
        .event = at->event,
    };

    at->nest->put(at->nest->context, &step);
}

static void close_to(const struct at *at, unsigned count, uint64_t ns)
{
    while (at->vcpu->count > count) {
        at->vcpu->count--;
        put(at, RS_NEST_CUT, &at->vcpu->open[at->vcpu->count], ns);
    }
}

static void leave_user(const struct at *at, uint64_t ns)
{
    if (at->vcpu->in_user)
        put(at, RS_NEST_USER_END, NULL, ns);
    at->vcpu->in_user = false;
}

/* An entry from ring 3 is inside nothing; one from ring 0 is inside `depth` others, and what is
 * open beyond them was left. */
static void enter(const struct at *at, uint64_t exit_ns, uint64_t resume_ns)
{
    unsigned outer = rs_export_ring(at->event) == 3 ? 0 : at->event->depth;
    struct rs_nest_span *span;

    close_to(at, outer, exit_ns);
    leave_user(at, exit_ns);
    if (at->vcpu->count == RS_NEST_DEPTH) {
        put(at, RS_NEST_STRAY, NULL, exit_ns);
        return;
    }
    span = &at->vcpu->open[at->vcpu->count];
    *span = (struct rs_nest_span){.sequence = at->event->sequence,
                                  .key = rs_counts_key(at->event),
                                  .kind = rs_counts_kind(at->event)};
    put(at, RS_NEST_ENTER, span, resume_ns);
    at->vcpu->count++;
}

/* A return to ring 3 ends everything, found or not. */
static void leave(const struct at *at, uint64_t exit_ns, uint64_t resume_ns)
{
    bool to_user = rs_export_ring(at->event) == 3;
    unsigned entry = at->vcpu->count;

    /* Of an entry on another vCPU there is nothing on this track. */
    while (entry > 0 && (at->event->entry_vcpu != at->number ||
                         at->vcpu->open[entry - 1].sequence != at->event->entry_sequence))
        entry--;
    if (entry > 0) {
        close_to(at, entry, exit_ns);
        at->vcpu->count--;
        put(at, RS_NEST_RETURN, &at->vcpu->open[at->vcpu->count], exit_ns);
    }
    if (to_user)
        close_to(at, 0, exit_ns);
    if (entry == 0)
        put(at, RS_NEST_STRAY, NULL, exit_ns);
    if (!to_user)
        return;
    leave_user(at, exit_ns);
    put(at, RS_NEST_USER_BEGIN, NULL, resume_ns);
    at->vcpu->in_user = true;
}

void rs_nest_event(struct rs_nest *nest, const struct rs_event *event, uint64_t exit_ns,
                   uint64_t resume_ns)
{
    const struct at at = {nest, &nest->vcpus[event->vcpu], event->vcpu, event};

    switch (rs_event_direction(event->kind)) {
    case RS_DIRECTION_ENTRY:
        enter(&at, exit_ns, resume_ns);
        break;
    case RS_DIRECTION_RETURN:
        leave(&at, exit_ns, resume_ns);
        break;
    case RS_DIRECTION_POINT:
        break;
    }
}

void rs_nest_end(struct rs_nest *nest, uint64_t ns)
{
    for (unsigned number = 0; number < RS_NEST_VCPUS; number++) {
        const struct at at = {nest, &nest->vcpus[number], (uint8_t)number, NULL};

        close_to(&at, 0, ns);
        leave_user(&at, ns);
    }
}
