/* SPDX-License-Identifier: MIT
 * The N longest spans of any number. */
#include "slowest.h"

#include "counts.h"

#include <stdlib.h>

int rs_slowest_open(struct rs_slowest *slowest, size_t limit)
{
    *slowest = (struct rs_slowest){.limit = limit};
    slowest->spans = limit ? calloc(limit, sizeof(*slowest->spans)) : NULL;
    return limit && !slowest->spans ? -1 : 0;
}

void rs_slowest_close(struct rs_slowest *slowest)
{
    free(slowest->spans);
    slowest->spans = NULL;
}

/* Above 0: a is longer. Ties have an order, so that any number of threads keeps the same spans. */
static int compare(const struct rs_slow_span *a, const struct rs_slow_span *b)
{
    if (a->ticks != b->ticks)
        return a->ticks < b->ticks ? -1 : 1;
    if (a->stream != b->stream)
        return a->stream < b->stream ? 1 : -1;
    return a->event.sequence < b->event.sequence ? 1 : -1;
}

static void swap(struct rs_slow_span *a, struct rs_slow_span *b)
{
    struct rs_slow_span other = *a;

    *a = *b;
    *b = other;
}

static void sift_up(struct rs_slowest *slowest, size_t at)
{
    struct rs_slow_span *spans = slowest->spans;

    for (; at > 0 && compare(&spans[at], &spans[(at - 1) / 2]) < 0; at = (at - 1) / 2)
        swap(&spans[at], &spans[(at - 1) / 2]);
}

static void sift_down(struct rs_slowest *slowest, size_t at)
{
    struct rs_slow_span *spans = slowest->spans;

    for (;;) {
        size_t child = 2 * at + 1;

        if (child >= slowest->used)
            return;
        if (child + 1 < slowest->used && compare(&spans[child + 1], &spans[child]) < 0)
            child++;
        if (compare(&spans[at], &spans[child]) <= 0)
            return;
        swap(&spans[at], &spans[child]);
        at = child;
    }
}

static void add(struct rs_slowest *slowest, const struct rs_slow_span *span)
{
    if (slowest->used < slowest->limit) {
        slowest->spans[slowest->used] = *span;
        sift_up(slowest, slowest->used++);
    } else if (slowest->limit > 0 && compare(span, &slowest->spans[0]) > 0) {
        slowest->spans[0] = *span;
        sift_down(slowest, 0);
    }
}

void rs_slowest_add(struct rs_slowest *slowest, unsigned stream, const struct rs_event *event)
{
    uint64_t ticks = rs_event_span(event, slowest->empty_span);

    if (slowest->limit == 0 || !rs_counts_is_return(event) ||
        (slowest->used == slowest->limit && ticks < slowest->spans[0].ticks))
        return;
    add(slowest, &(struct rs_slow_span){ticks, stream, *event});
}

void rs_slowest_merge(struct rs_slowest *into, const struct rs_slowest *from)
{
    for (size_t i = 0; i < from->used; i++)
        add(into, &from->spans[i]);
}

static int longest_first(const void *left, const void *right)
{
    return compare(right, left);
}

void rs_slowest_sort(struct rs_slowest *slowest)
{
    if (slowest->used > 0)
        qsort(slowest->spans, slowest->used, sizeof(slowest->spans[0]), longest_first);
}
