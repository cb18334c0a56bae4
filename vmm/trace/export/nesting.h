/* SPDX-License-Identifier: MIT
 * Spans as nested slices: what begins and ends at an event, whatever the events are. Pure. */
#ifndef RINGSCOPE_EXPORT_NESTING_H
#define RINGSCOPE_EXPORT_NESTING_H

#include <ringscope/event.h>
#include <stdbool.h>
#include <stdint.h>

#define RS_NEST_DEPTH 64
#define RS_NEST_VCPUS (UINT8_MAX + 1)

/*
 * An event is a few steps, in this order:
 *   CUT         an entry will never return: the guest has left it (context change, exception
 *               dispatch), or the trace ends
 *   RETURN      an entry returns
 *   STRAY       an event that belongs to no slice: a return whose entry is not in the trace, or an
 *               entry deeper than RS_NEST_DEPTH
 *   USER_END    ring 3 is left
 *   ENTER       an entry
 *   USER_BEGIN  ring 3 goes on
 * Slices are always balanced and innermost first, and time never goes back on a vCPU.
 */
enum rs_nest_kind {
    RS_NEST_CUT,
    RS_NEST_RETURN,
    RS_NEST_STRAY,
    RS_NEST_USER_END,
    RS_NEST_ENTER,
    RS_NEST_USER_BEGIN
};

struct rs_nest_span {
    uint64_t sequence; /* of the entry */
    uint64_t flow;     /* for the caller */
    uint32_t key;      /* rs_counts_key() */
    uint16_t kind;
};

struct rs_nest_step {
    enum rs_nest_kind kind;
    uint8_t vcpu;
    uint64_t ns;
    unsigned depth;               /* slices of ring 0 around it */
    struct rs_nest_span *span;    /* ENTER, RETURN, CUT */
    const struct rs_event *event; /* NULL: the trace ends */
};

typedef void rs_nest_put(void *context, const struct rs_nest_step *step);

struct rs_nest_vcpu {
    uint64_t ns; /* the last step's */
    bool in_user;
    unsigned count;
    struct rs_nest_span open[RS_NEST_DEPTH];
};

struct rs_nest {
    rs_nest_put *put;
    void *context;
    struct rs_nest_vcpu vcpus[RS_NEST_VCPUS];
};

/* The event left the guest at `exit_ns`, and it ran on at `resume_ns`: slices are the guest's time
 * in between. */
void rs_nest_event(struct rs_nest *nest, const struct rs_event *event, uint64_t exit_ns,
                   uint64_t resume_ns);
/* Time of something else on this vCPU: `ns`, or that of the last step when that is later. */
uint64_t rs_nest_time(struct rs_nest *nest, uint8_t vcpu, uint64_t ns);
/* Ends what is open. */
void rs_nest_end(struct rs_nest *nest, uint64_t ns);

#endif
