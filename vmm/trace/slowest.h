/* SPDX-License-Identifier: MIT
 * The N longest spans of any number, in memory for N. */
#ifndef RINGSCOPE_SLOWEST_H
#define RINGSCOPE_SLOWEST_H

#include <ringscope/event.h>
#include <stddef.h>

#define RS_SLOWEST_MAX 1000

struct rs_slow_span {
    uint64_t ticks; /* from entry to return */
    unsigned stream;
    struct rs_event event; /* the return */
};

/* A heap: the shortest of those kept is the first one. */
struct rs_slowest {
    size_t limit;        /* at most RS_SLOWEST_MAX */
    uint64_t empty_span; /* ticks, taken off each span; the caller's to set */
    size_t used;
    struct rs_slow_span *spans; /* owned; room for `limit` */
};

/* Returns 0, or -1 when there is no memory. */
int rs_slowest_open(struct rs_slowest *slowest, size_t limit);
void rs_slowest_close(struct rs_slowest *slowest);

/* Cheap for an event that is no return, or whose span is short. */
void rs_slowest_add(struct rs_slowest *slowest, unsigned stream, const struct rs_event *event);
void rs_slowest_merge(struct rs_slowest *into, const struct rs_slowest *from);
/* The longest first. Nothing can be added after it. */
void rs_slowest_sort(struct rs_slowest *slowest);

#endif
