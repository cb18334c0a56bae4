/* SPDX-License-Identifier: MIT
 * Deliveries that the model agreed with: whether this one is like one of them. */
#include "internal.h"

#include <string.h>

static struct rs_known_delivery *place(struct rs_hooks *hooks, uint8_t vector, uint64_t from_cs)
{
    return &hooks->known[(vector ^ (from_cs & 3) << 2) % RS_KNOWN_MAX];
}

static bool same_state(const struct rs_known_delivery *known, const struct rs_frame *frame,
                       const struct rs_context *actual)
{
    return (frame->error_code >> 32 | (known->from.cs ^ frame->cs) | (known->from.ss ^ frame->ss) |
            (known->control_flags ^ (frame->rflags & ~RFLAGS_ARITHMETIC)) |
            (known->changed_flags ^ frame->rflags ^ actual->rflags) |
            (known->to.rsp ^ actual->rsp)) == 0 &&
           known->to.cs == actual->cs && known->to.ss == actual->ss &&
           known->to.cpl == actual->cpl && known->to.mode64 == actual->mode64 &&
           (known->from.cpl != known->to.cpl || known->from.rsp == frame->rsp);
}

static bool same_gate(const struct rs_known_delivery *known, const uint64_t gate[2])
{
    return ((known->gate[0] ^ gate[0]) | (known->gate[1] ^ gate[1])) == 0;
}

bool rs_known_delivery_holds(struct rs_hooks *hooks, uint8_t vector, const struct rs_frame *frame,
                             const struct rs_diagnosis *diagnosis, const struct rs_context *actual,
                             struct rs_context *from)
{
    const struct rs_known_delivery *known = place(hooks, vector, frame->cs);

    if (!known->valid || known->vector != vector || known->cause != diagnosis->cause.kind ||
        known->rip_pushed != frame->rip - diagnosis->rip ||
        !same_gate(known, rs_hooks_gate(hooks, vector)) || !same_state(known, frame, actual) ||
        !rs_known_tables_hold(hooks, &known->tables))
        return false;
    hooks->counts.known++;
    *from = known->from;
    from->rip = diagnosis->rip;
    from->rsp = frame->rsp;
    from->rflags = frame->rflags;
    from->cr2 = actual->cr2;
    return true;
}

/* Selectors of an LDT are not worth the comparison of where it is. */
void rs_known_delivery_keep(struct rs_known_reader *reader, uint8_t vector,
                            const struct rs_frame *frame, const struct rs_diagnosis *diagnosis,
                            const struct rs_context *from, const struct rs_context *actual)
{
    struct rs_hooks *hooks = reader->hooks;
    struct rs_known_delivery *known = place(hooks, vector, frame->cs);

    if (!rs_known_tables_keep(reader) || ((frame->cs | frame->ss | actual->cs) & SELECTOR_ERROR_TI))
        return;
    *known = (struct rs_known_delivery){
        .valid = true,
        .vector = vector,
        .cause = (uint8_t)diagnosis->cause.kind,
        .rip_pushed = frame->rip - diagnosis->rip,
        .control_flags = frame->rflags & ~RFLAGS_ARITHMETIC,
        .changed_flags = frame->rflags ^ actual->rflags,
        .from = *from,
        .to = *actual,
        .tables = reader->tables,
    };
    memcpy(known->gate, rs_hooks_gate(hooks, vector), sizeof(known->gate));
}
