/* SPDX-License-Identifier: MIT
 * Fields on disk that are not members of struct rs_event: each one there and back. */
#ifndef RINGSCOPE_CTF_DERIVED_H
#define RINGSCOPE_CTF_DERIVED_H

#include "format.h"
#include "nt/services.h"

/* What the fields are relative to. */
struct rs_ctf_base {
    uint64_t tsc;      /* the event's time stamp */
    uint64_t sequence; /* the event's: counted from the packet's first_sequence */
    uint64_t cr3;      /* the one that the last CR3 event, or the packet's head, told */
    uint16_t args_wide;
    uint8_t vcpu; /* the packet's */
};

static inline uint64_t rs_ctf_at_most_u32(uint64_t value)
{
    return value < UINT32_MAX ? value : UINT32_MAX;
}

/* Ticks from the exit to the resumption, UINT32_MAX for more. */
static inline uint64_t rs_ctf_derive_handling(const struct rs_event *event,
                                              const struct rs_ctf_base *base)
{
    return event->tsc_resume > base->tsc ? rs_ctf_at_most_u32(event->tsc_resume - base->tsc) : 0;
}

static inline void rs_ctf_restore_handling(struct rs_event *event, struct rs_ctf_base *base,
                                           uint64_t value)
{
    event->tsc_resume = base->tsc + value;
}

/* Events from the entry to this return, UINT32_MAX for more. Of two vCPUs either may have more
 * events than the other: then it is their difference modulo 2^32. */
static inline uint64_t rs_ctf_derive_entry_distance(const struct rs_event *event,
                                                    const struct rs_ctf_base *base)
{
    (void)base;
    if (event->entry_vcpu != event->vcpu)
        return (uint32_t)(event->sequence - event->entry_sequence);
    return rs_ctf_at_most_u32(event->sequence - event->entry_sequence);
}

static inline void rs_ctf_restore_entry_distance(struct rs_event *event, struct rs_ctf_base *base,
                                                 uint64_t value)
{
    (void)base;
    if (event->entry_vcpu != event->vcpu)
        value = (uint64_t)(int32_t)(uint32_t)value;
    event->entry_sequence = event->sequence - value;
}

/* Ticks from the entry's resumption to this exit. */
static inline uint64_t rs_ctf_derive_duration(const struct rs_event *event,
                                              const struct rs_ctf_base *base)
{
    return base->tsc - event->entry_tsc;
}

static inline void rs_ctf_restore_duration(struct rs_event *event, struct rs_ctf_base *base,
                                           uint64_t value)
{
    event->entry_tsc = base->tsc - value;
}

/* How many arguments a SYSCALL event carries. */
static inline unsigned rs_ctf_args(const struct rs_event *event)
{
    unsigned count = rs_service_argument_count(event->code);

    return count < RS_EVENT_ARGS ? count : RS_EVENT_ARGS;
}

/* Bit i: argument i does not fit into 32 bits. */
static inline uint64_t rs_ctf_derive_args_wide(const struct rs_event *event,
                                               const struct rs_ctf_base *base)
{
    unsigned wide = 0;

    (void)base;
    for (unsigned i = 0; i < rs_ctf_args(event); i++)
        wide |= (event->args[i] > UINT32_MAX) << i;
    return wide;
}

static inline void rs_ctf_restore_args_wide(struct rs_event *event, struct rs_ctf_base *base,
                                            uint64_t value)
{
    (void)event;
    base->args_wide = (uint16_t)value;
}

#endif
