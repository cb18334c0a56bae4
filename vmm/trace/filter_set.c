/* SPDX-License-Identifier: MIT
 * Sets of numbers as sorted ranges. */
#include <stdlib.h>

#include "trace/filter_internal.h"

bool rs_filter_set_add(struct rs_filter_set *set, uint32_t first, uint32_t last)
{
    if (set->count == RS_FILTER_SET_MAX)
        return false;
    set->ranges[set->count++] = (struct rs_filter_msr_range){.first = first, .last = last};
    return true;
}

static int compare(const void *left, const void *right)
{
    const struct rs_filter_msr_range *a = left, *b = right;

    return (a->first > b->first) - (a->first < b->first);
}

void rs_filter_set_normalize(struct rs_filter_set *set)
{
    struct rs_filter_msr_range *ranges = set->ranges;
    unsigned kept = 0;

    qsort(ranges, set->count, sizeof(ranges[0]), compare);
    for (unsigned i = 0; i < set->count; i++) {
        struct rs_filter_msr_range *last = kept > 0 ? &ranges[kept - 1] : NULL;

        /* last->last + 1 may be 2^32. */
        if (last == NULL || ranges[i].first > (uint64_t)last->last + 1)
            ranges[kept++] = ranges[i];
        else if (ranges[i].last > last->last)
            last->last = ranges[i].last;
    }
    set->count = kept;
}

void rs_filter_set_complement(struct rs_filter_set *set, uint32_t maximum)
{
    uint64_t next = 0; /* first number that no range so far holds */
    unsigned kept = 0;

    /* In place: at most one gap is written for each range that has been read. */
    for (unsigned i = 0; i < set->count; i++) {
        struct rs_filter_msr_range range = set->ranges[i];

        if (range.first > next)
            set->ranges[kept++] = (struct rs_filter_msr_range){(uint32_t)next, range.first - 1};
        next = (uint64_t)range.last + 1;
    }
    if (next <= maximum)
        set->ranges[kept++] = (struct rs_filter_msr_range){(uint32_t)next, maximum};
    set->count = kept;
}
