/* SPDX-License-Identifier: MIT
 * Inside the filter: fields, the domains of their values, and the names that values may have. */
#ifndef RINGSCOPE_TRACE_FILTER_NAMES_H
#define RINGSCOPE_TRACE_FILTER_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/filter.h"
#include "trace/filter_fields.h"

struct rs_filter_name {
    const char *name;
    struct rs_filter_range range;
};

struct rs_filter_domain {
    const char *noun; /* of one value, in messages */
    uint64_t maximum; /* largest value */
    bool exact_case;
    const char *prefixes[2]; /* may stand before a name, letter case apart */
    const struct rs_filter_name *names;
    size_t name_count;
};

struct rs_filter_field_info {
    const char *name;
    enum rs_filter_domain_id domain;
    bool at_return;  /* only returns have it */
    bool everywhere; /* every event has it: alone, its name may be a word for a kind */
};

extern const struct rs_filter_field_info rs_filter_fields[RS_FILTER_FIELD_COUNT];
extern const struct rs_filter_domain rs_filter_domains[RS_FILTER_DOMAIN_COUNT];

static inline const struct rs_filter_domain *rs_filter_domain(enum rs_filter_field field)
{
    return &rs_filter_domains[rs_filter_fields[field].domain];
}

/* A piece of the expression: not NUL-terminated. */
struct rs_filter_text {
    const char *start;
    size_t length;
};

/* Letter case apart. */
bool rs_filter_is_word(struct rs_filter_text text, const char *word);

/* Cuts what may stand before a name. */
struct rs_filter_text rs_filter_strip(const struct rs_filter_domain *domain,
                                      struct rs_filter_text text);

/* Both take stripped text, which is never empty. */
bool rs_filter_lookup(const struct rs_filter_domain *domain, struct rs_filter_text text,
                      struct rs_filter_range *range);
/* The name that a typing mistake was meant to be, or NULL when none is near. */
const char *rs_filter_nearest(const struct rs_filter_domain *domain, struct rs_filter_text text);

/* A field by its name or its other name, and the words that fields are called by, nearest first.
 * -1 and NULL when there is none. */
int rs_filter_field_named(struct rs_filter_text text);
const char *rs_filter_nearest_word(struct rs_filter_text text);

/* A word for kinds of events, from the table of kinds: a kind, its text in trace lines, a group or
 * a direction. *kinds has a bit for each; *own: it tells entries and returns apart. */
bool rs_filter_kinds_named(struct rs_filter_text text, uint64_t *kinds, bool *own);

#endif
