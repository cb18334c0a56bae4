/* SPDX-License-Identifier: MIT
 * What a guest may use up before it is ended. */
#ifndef RINGSCOPE_BUDGET_H
#define RINGSCOPE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

/*
 * X(NAME, member, option, text)
 *
 * Kept by the main thread, every few milliseconds: what was in the rings when a budget was used up
 * still comes into the trace, so that this ends where the guest did.
 */
#define RS_BUDGETS(X)                                                                              \
    X(EXITS, exits, "max-exits", "exits")                                                          \
    X(EVENTS, events, "max-events", "events")                                                      \
    X(CONSOLE, console, "max-console", "bytes of console output")                                  \
    X(TRACE, trace, "max-trace", "bytes of trace")

enum rs_budget_kind {
#define X(name, member, option, text) RS_BUDGET_##name,
    RS_BUDGETS(X)
#undef X
    RS_BUDGET_COUNT
};

#define RS_BUDGET_NONE UINT64_MAX
/* Of what cannot fill a disk: so much that what reaches it was forgotten. */
#define RS_BUDGET_SECONDS_DEFAULT (30.0 * 24 * 60 * 60)
#define RS_BUDGET_EXITS_DEFAULT UINT64_C(1000000000000)
#define RS_BUDGET_EVENTS_DEFAULT UINT64_C(1000000000000)
#define RS_BUDGET_CONSOLE_DEFAULT (UINT64_C(1) << 30)
/* Of what is free: a half and a quarter, for both may be on one disk. */
#define RS_BUDGET_TRACE_SHARE 2
#define RS_BUDGET_CONSOLE_SHARE 4

struct rs_budget {
    double seconds; /* of the guest's run; 0: not set; INFINITY: no limit; kept by the session */
    uint64_t limits[RS_BUDGET_COUNT]; /* 0: not set; RS_BUDGET_NONE: no limit */
    uint64_t used[RS_BUDGET_COUNT];
    int spent; /* enum rs_budget_kind; -1: none */
};

/* "none", or a number above 0, with K, M or G behind it. */
bool rs_budget_parse(const char *text, uint64_t *limit);
/* "none", or a finite number of seconds above 0. */
bool rs_budget_parse_seconds(const char *text, double *seconds);

/* This share of what is free where these descriptors write regular files, at least 1;
 * RS_BUDGET_NONE when none of them does. Negative descriptors are left out. */
uint64_t rs_budget_of_disk(const int *fds, unsigned count, unsigned share);

/* Sets the limits that were not set: RS_BUDGET_*_DEFAULT, and of the console and the trace such
 * that no disk is filled. */
void rs_budget_begin(struct rs_budget *budget, const int *trace_fds, unsigned count,
                     int console_fd);

/* Takes note; false: more than there may be. The first budget that is used up is `spent`. */
bool rs_budget_use(struct rs_budget *budget, enum rs_budget_kind kind, uint64_t used);

/* The same for console output that is not written yet: how many of `size` bytes may be. */
uint32_t rs_budget_console(struct rs_budget *budget, uint32_t size);

#endif
