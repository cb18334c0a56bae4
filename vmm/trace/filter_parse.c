/* SPDX-License-Identifier: MIT
 * Parsing one restriction: [kind=][!]value[,value...], in strace's manner. */
#include <string.h>

#include "trace/filter_internal.h"

/* Kinds that can be restricted; the first is meant when none is named. */
static const enum rs_filter_field restrictable[] = {RS_FILTER_SYSCALL, RS_FILTER_EXCEPTION,
                                                    RS_FILTER_INTERRUPT, RS_FILTER_MSR};

/* '!' turns the set over as often as it is there; `all` is the set of nothing, turned over. */
static int parse_set(const struct rs_filter_scan *scan, enum rs_filter_field field,
                     const char *text, struct rs_filter_set *set, bool *negated)
{
    while (*text == '!') {
        *negated = !*negated;
        text++;
    }
    if (strcmp(text, "none") == 0)
        return 0;
    if (strcmp(text, "all") == 0) {
        *negated = !*negated;
        return 0;
    }
    for (;;) {
        struct rs_filter_text value = {.start = text, .length = strcspn(text, ",")};
        struct rs_filter_range range;

        if (rs_filter_parse_value(scan, field, value, &range))
            return -1;
        if (!rs_filter_set_add(set, range.first, range.last))
            return rs_filter_fail(scan, text, "more than %d values", RS_FILTER_SET_MAX);
        if (text[value.length] == '\0')
            return 0;
        text += value.length + 1;
    }
}

/* The kind before '='. Returns where the set begins, or NULL. */
static const char *parse_kind(const struct rs_filter_scan *scan, enum rs_filter_field *field)
{
    const char *equals = strchr(scan->expression, '=');
    struct rs_filter_text word = {.start = scan->expression};

    *field = restrictable[0];
    if (equals == NULL)
        return scan->expression;
    word.length = (size_t)(equals - scan->expression);
    for (size_t i = 0; i < sizeof(restrictable) / sizeof(restrictable[0]); i++) {
        const char *name = rs_filter_fields[restrictable[i]].name;

        if (word.length == strlen(name) && memcmp(word.start, name, word.length) == 0) {
            *field = restrictable[i];
            return equals + 1;
        }
    }
    rs_filter_fail(scan, scan->expression,
                   "unknown kind '%.*s': it is one of syscall, exception, interrupt and msr",
                   QUOTED(word));
    return NULL;
}

int rs_filter_parse(struct rs_filter *filter, const char *expression, struct rs_filter_error *error)
{
    struct rs_filter_scan scan = {.expression = expression, .error = error};
    struct rs_filter_set values = {0};
    struct rs_filter changed = *filter;
    enum rs_filter_field field;
    bool negated = false;
    const char *set = parse_kind(&scan, &field);

    if (set == NULL || parse_set(&scan, field, set, &values, &negated))
        return -1;
    rs_filter_set_normalize(&values);
    if (negated)
        rs_filter_set_complement(&values, rs_filter_domain(field)->maximum);
    if (!rs_filter_restrict(&changed, field, &values) || !rs_filter_arm(&changed))
        return rs_filter_fail(&scan, set, "too many separate MSR ranges: at most %d",
                              RS_FILTER_MSR_RANGES_MAX);
    *filter = changed;
    return 0;
}
