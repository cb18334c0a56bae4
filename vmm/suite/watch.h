/* SPDX-License-Identifier: MIT
 * What is kept of a test's trace while it runs. */
#ifndef RINGSCOPE_SUITE_WATCH_H
#define RINGSCOPE_SUITE_WATCH_H

#include "suite.h"
#include "transitions.h"

#include "machine/machine.h"

#define RS_WATCH_KEPT 4096 /* events, marks among them, that are kept for the trace: the last */

struct rs_watch {
    unsigned cpu_count;
    uint64_t budget;        /* events; 0: none */
    uint64_t events;        /* that came, marks left out */
    struct rs_told *told;   /* owned; of each vCPU, as of now */
    struct rs_told *before; /* owned; as of the first event that is kept */
    struct rs_told *begin;  /* owned; as of rs_watch_remember() */
    struct rs_event *kept;  /* owned; a ring */
    size_t kept_count;      /* that were put into it */
    struct rs_transitions transitions;
};

int rs_watch_open(struct rs_watch *watch, unsigned cpu_count, uint32_t departures,
                  struct rs_error *error);
void rs_watch_free(struct rs_watch *watch);

/* What was told until now holds at the beginning of each test: the machine goes back to here. */
void rs_watch_remember(struct rs_watch *watch);
/* A test begins. */
void rs_watch_begin(struct rs_watch *watch, uint64_t budget);

/* False: the budget is used up. */
bool rs_watch_event(struct rs_watch *watch, const struct rs_event *event);

/* The result gets the trace, when it is to be kept, and the transitions; expectations that the test
 * has printed become claims of its own. */
struct rs_symbols;
void rs_watch_put_trace(const struct rs_watch *watch, struct rs_machine *machine,
                        const struct rs_symbols *symbols, struct rs_result *result);
void rs_watch_put_transitions(const struct rs_watch *watch, struct rs_result *result);

/* expect.c: the parts of the trace that the console announces. */
void rs_watch_check(const struct rs_watch *watch, struct rs_result *result);

#endif
