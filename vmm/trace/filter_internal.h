/* SPDX-License-Identifier: MIT
 * Inside the filter: a set of numbers as ranges, and storing it in a filter. */
#ifndef RINGSCOPE_TRACE_FILTER_INTERNAL_H
#define RINGSCOPE_TRACE_FILTER_INTERNAL_H

#include "trace/filter.h"
#include "trace/filter_names.h"

#define RS_FILTER_SET_MAX 256 /* values and ranges in one expression */

struct rs_filter_set {
    unsigned count;
    /* One place more: the complement may have one range more. */
    struct rs_filter_msr_range ranges[RS_FILTER_SET_MAX + 1];
};

/* first <= last. False when the set is full. */
bool rs_filter_set_add(struct rs_filter_set *set, uint32_t first, uint32_t last);
/* Sorts, and joins ranges that overlap or touch. */
void rs_filter_set_normalize(struct rs_filter_set *set);
/* Of a normalized set, within 0..maximum. */
void rs_filter_set_complement(struct rs_filter_set *set, uint32_t maximum);

/* Replaces one kind of the filter by a normalized set. False, and nothing changed, when it has more
 * MSR ranges than a filter holds. */
bool rs_filter_store(struct rs_filter *filter, enum rs_filter_kind kind,
                     const struct rs_filter_set *set);

#endif
