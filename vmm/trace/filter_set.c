/* SPDX-License-Identifier: MIT
 * Sets of numbers as sorted ranges. */
#include <stdlib.h>

#include "trace/filter_internal.h"

bool rs_filter_set_add(struct rs_filter_set *set, uint64_t first, uint64_t last)
{
    if (set->count == RS_FILTER_SET_MAX)
        return false;
    set->ranges[set->count++] = (struct rs_filter_range){.first = first, .last = last};
    return true;
}

static int compare(const void *left, const void *right)
{
    const struct rs_filter_range *a = left, *b = right;

    return (a->first > b->first) - (a->first < b->first);
}

void rs_filter_set_normalize(struct rs_filter_set *set)
{
    struct rs_filter_range *ranges = set->ranges;
    unsigned kept = 0;

    qsort(ranges, set->count, sizeof(ranges[0]), compare);
    for (unsigned i = 0; i < set->count; i++) {
        struct rs_filter_range *last = kept > 0 ? &ranges[kept - 1] : NULL;

        /* No number lies between when the distance is 1; last + 1 may be 2^64. */
        if (last == NULL || (ranges[i].first > last->last && ranges[i].first - last->last > 1))
            ranges[kept++] = ranges[i];
        else if (ranges[i].last > last->last)
            last->last = ranges[i].last;
    }
    set->count = kept;
}

void rs_filter_set_complement(struct rs_filter_set *set, uint64_t maximum)
{
    uint64_t next = 0; /* first number that no range so far has */
    bool more = true;  /* there is a next number */
    unsigned kept = 0;

    /* In place: at most one gap is written for each range that has been read. */
    for (unsigned i = 0; i < set->count; i++) {
        struct rs_filter_range range = set->ranges[i];

        if (range.first > next)
            set->ranges[kept++] = (struct rs_filter_range){next, range.first - 1};
        more = range.last < maximum;
        next = range.last + 1;
    }
    if (more)
        set->ranges[kept++] = (struct rs_filter_range){next, maximum};
    set->count = kept;
}

bool rs_filter_ranges_have(const struct rs_filter_range *ranges, unsigned count, uint64_t number)
{
    unsigned low = 0, high = count;

    while (low < high) {
        unsigned middle = low + (high - low) / 2;

        if (ranges[middle].last < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && ranges[low].first <= number;
}
