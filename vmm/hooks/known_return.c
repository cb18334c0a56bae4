/* SPDX-License-Identifier: MIT
 * Returns by IRETQ that the model has predicted: whether this one is like one of them. */
#include "internal.h"

enum {
    RIP,
    CS,
    RFLAGS,
    RSP,
    SS,
    FRAME_WORDS
};
#define CANONICAL_SHIFT 47

static bool read_frame(struct rs_hooks *hooks, uint64_t rsp, uint64_t frame[FRAME_WORDS])
{
    return rs_hooks_read(hooks, rsp, frame, FRAME_WORDS * sizeof(frame[0])) == 0;
}

static bool same_state(const struct rs_known_return *known, const uint64_t frame[FRAME_WORDS],
                       const struct rs_context *from)
{
    return ((known->frame_cs ^ frame[CS]) | (known->frame_ss ^ frame[SS]) |
            (known->frame_flags ^ (frame[RFLAGS] & ~RFLAGS_ARITHMETIC)) |
            (known->from_flags ^ (from->rflags & ~RFLAGS_ARITHMETIC)) |
            (known->rip_upper ^ frame[RIP] >> CANONICAL_SHIFT)) == 0 &&
           known->from.cs == from->cs && known->from.ss == from->ss &&
           known->from.cpl == from->cpl && known->from.mode64 == from->mode64;
}

bool rs_known_return_holds(struct rs_hooks *hooks, unsigned site, const struct rs_context *from,
                           struct rs_context *to)
{
    const struct rs_known_return *known = &hooks->known_returns[site % RS_KNOWN_MAX];
    uint64_t frame[FRAME_WORDS];

    if (!known->valid || !read_frame(hooks, from->rsp, frame) || !same_state(known, frame, from) ||
        !rs_known_tables_hold(hooks, &known->tables))
        return false;
    hooks->counts.known++;
    *to = known->to;
    to->rip = frame[RIP];
    to->rsp = frame[RSP];
    to->rflags = frame[RFLAGS] ^ known->changed_flags;
    to->cr2 = from->cr2;
    return true;
}

/* Selectors of an LDT are not worth the comparison of where it is. */
void rs_known_return_keep(struct rs_known_reader *reader, unsigned site,
                          const struct rs_context *from, const struct rs_context *to)
{
    struct rs_hooks *hooks = reader->hooks;
    uint64_t frame[FRAME_WORDS];

    if (!rs_known_tables_keep(reader) || !from->mode64 || !to->mode64 ||
        !read_frame(hooks, from->rsp, frame) || ((frame[CS] | frame[SS]) & SELECTOR_ERROR_TI))
        return;
    hooks->known_returns[site % RS_KNOWN_MAX] = (struct rs_known_return){
        .valid = true,
        .from_flags = from->rflags & ~RFLAGS_ARITHMETIC,
        .frame_flags = frame[RFLAGS] & ~RFLAGS_ARITHMETIC,
        .changed_flags = frame[RFLAGS] ^ to->rflags,
        .frame_cs = frame[CS],
        .frame_ss = frame[SS],
        .rip_upper = frame[RIP] >> CANONICAL_SHIFT,
        .from = *from,
        .to = *to,
        .tables = reader->tables,
    };
}
