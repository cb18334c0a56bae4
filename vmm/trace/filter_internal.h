/* SPDX-License-Identifier: MIT
 * Inside the filter: sets of numbers, parsing values, and evaluating a program. */
#ifndef RINGSCOPE_TRACE_FILTER_INTERNAL_H
#define RINGSCOPE_TRACE_FILTER_INTERNAL_H

#include "trace/filter.h"
#include "trace/filter_names.h"

#define RS_FILTER_SET_MAX 256 /* values and ranges in one list */

struct rs_filter_set {
    unsigned count;
    /* One place more: the complement may have one range more. */
    struct rs_filter_range ranges[RS_FILTER_SET_MAX + 1];
};

/* first <= last. False when the set is full. */
bool rs_filter_set_add(struct rs_filter_set *set, uint64_t first, uint64_t last);
/* Sorts, and joins ranges that overlap or touch. */
void rs_filter_set_normalize(struct rs_filter_set *set);
/* Of a normalized set, within 0..maximum. */
void rs_filter_set_complement(struct rs_filter_set *set, uint64_t maximum);
/* Whether one of `count` sorted ranges has the number. */
bool rs_filter_ranges_have(const struct rs_filter_range *ranges, unsigned count, uint64_t number);

/* An expression while it is parsed. */
struct rs_filter_scan {
    const char *expression;
    const struct rs_filter_symbols *symbols; /* NULL: a restriction, which has no addresses */
    struct rs_filter_error *error;
};

/* Fills the error; returns -1. */
int rs_filter_fail(const struct rs_filter_scan *scan, const char *where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A piece of the expression as %.*s takes it: cut, so that the message keeps its end. */
#define QUOTE_MAX 40
#define QUOTED(text) (int)((text).length < QUOTE_MAX ? (text).length : QUOTE_MAX), (text).start

/* One value of a field: a name, a number, or a range of those. */
int rs_filter_parse_value(const struct rs_filter_scan *scan, enum rs_filter_field field,
                          struct rs_filter_text text, struct rs_filter_range *range);
/* Why a text is no value of a field: the name of another field's value, a missing 0x, a slip. */
int rs_filter_fail_unknown(const struct rs_filter_scan *scan, enum rs_filter_field field,
                           struct rs_filter_text text);

/* Why a word begins no test: the name of a value without its field. */
int rs_filter_fail_word(const struct rs_filter_scan *scan, struct rs_filter_text word);

/* Replaces a restriction by a normalized set. False, and nothing changed, when it has more MSR
 * ranges than a filter holds. */
bool rs_filter_restrict(struct rs_filter *filter, enum rs_filter_field field,
                        const struct rs_filter_set *set);

/* filter->hooked and exact from the restrictions and the program. False when there are too many
 * separate MSR ranges. */
bool rs_filter_arm(struct rs_filter *filter);

/* Operators, behind their operands. */
enum rs_filter_code {
    RS_FILTER_AND = RS_FILTER_TESTS_MAX,
    RS_FILTER_OR,
    RS_FILTER_NOT
};

/* OPEN: not known yet, or not at all. In this order `and` is the minimum and `or` the maximum. */
enum rs_filter_truth {
    RS_FILTER_FALSE,
    RS_FILTER_OPEN,
    RS_FILTER_TRUE
};

/* What is known of an event. */
enum rs_filter_view {
    RS_FILTER_WHOLE,    /* all that it has */
    RS_FILTER_KEY_ONLY, /* its kind, and its service, vector or MSR */
};

/* Tests as bits: those that are true, and those that are open. */
struct rs_filter_outcomes {
    uint64_t passed, open;
};

/* `of_return`: what is known, at an entry or of an entry, of the return that will belong to it. */
void rs_filter_ask(const struct rs_filter *filter, const struct rs_event *event,
                   enum rs_filter_view view, bool of_return, struct rs_filter_outcomes *outcomes);
enum rs_filter_truth rs_filter_run(const struct rs_filter_program *program,
                                   const struct rs_filter_outcomes *outcomes);
/* rs_filter_judge() by the program alone. */
unsigned rs_filter_judge_program(const struct rs_filter *filter, struct rs_filter_memory *memory,
                                 const struct rs_event *event);

/* A field of an event. */
enum rs_filter_presence {
    RS_FILTER_ABSENT,
    RS_FILTER_MAYBE, /* it may have it */
    RS_FILTER_THERE, /* it has it, the value is not known */
    RS_FILTER_KNOWN
};
enum rs_filter_presence rs_filter_get(const struct rs_filter *filter, enum rs_filter_field field,
                                      const struct rs_event *event, enum rs_filter_view view,
                                      uint64_t *value);

extern const uint64_t rs_filter_return_kinds; /* bit = kind */

#endif
