/* SPDX-License-Identifier: MIT
 * Inside the filter: the kinds of expression and the names that their values may have. */
#ifndef RINGSCOPE_TRACE_FILTER_NAMES_H
#define RINGSCOPE_TRACE_FILTER_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rs_filter_kind {
    RS_FILTER_SYSCALL,
    RS_FILTER_EXCEPTION,
    RS_FILTER_INTERRUPT,
    RS_FILTER_MSR,
    RS_FILTER_KIND_COUNT
};

struct rs_filter_name {
    const char *name;
    uint32_t value;
};

struct rs_filter_kind_info {
    const char *name; /* before the '=' */
    const char *noun; /* of one value, in messages */
    uint32_t maximum; /* largest value */
    bool exact_case;
    const struct rs_filter_name *names;
    size_t name_count;
};

extern const struct rs_filter_kind_info rs_filter_kinds[RS_FILTER_KIND_COUNT];

/* A piece of the expression: not NUL-terminated. */
struct rs_filter_text {
    const char *start;
    size_t length;
};

/* Cuts what may stand before a name: '#' of an exception, MSR_ and IA32_ of an MSR. */
struct rs_filter_text rs_filter_strip(enum rs_filter_kind kind, struct rs_filter_text text);

/* Both take stripped text, which is never empty. */
bool rs_filter_lookup(const struct rs_filter_kind_info *kind, struct rs_filter_text text,
                      uint32_t *value);
/* The name that a typing mistake was meant to be, or NULL when none is near. */
const char *rs_filter_nearest(const struct rs_filter_kind_info *kind, struct rs_filter_text text);

#endif
