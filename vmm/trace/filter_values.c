/* SPDX-License-Identifier: MIT
 * Values in filters: names, numbers, times, addresses, and ranges of them. */
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "trace/filter_internal.h"

int rs_filter_fail(const struct rs_filter_scan *scan, const char *where, const char *format, ...)
{
    va_list arguments;

    scan->error->column = (size_t)(where - scan->expression);
    va_start(arguments, format);
    vsnprintf(scan->error->message, sizeof(scan->error->message), format, arguments);
    va_end(arguments);
    return -1;
}

static bool all_hexadecimal(struct rs_filter_text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!isxdigit((unsigned char)text.start[i]))
            return false;
    return text.length > 0;
}

/* Fields whose names of values are looked for when a text is no value of another one; a restriction
 * has the first four only. */
static const enum rs_filter_field suggested[] = {
    RS_FILTER_SYSCALL, RS_FILTER_EXCEPTION, RS_FILTER_INTERRUPT, RS_FILTER_MSR,
    RS_FILTER_CLASS,   RS_FILTER_STATUS,    RS_FILTER_DEVIATION,
};
#define SUGGESTED_RESTRICTIONS 4

static int field_of_value(const struct rs_filter_scan *scan, struct rs_filter_text text)
{
    size_t count =
        scan->symbols ? sizeof(suggested) / sizeof(suggested[0]) : SUGGESTED_RESTRICTIONS;
    struct rs_filter_range range;

    for (size_t i = 0; text.length > 0 && i < count; i++) {
        const struct rs_filter_domain *domain = rs_filter_domain(suggested[i]);

        if (rs_filter_lookup(domain, rs_filter_strip(domain, text), &range))
            return (int)suggested[i];
    }
    return -1;
}

int rs_filter_fail_unknown(const struct rs_filter_scan *scan, enum rs_filter_field field,
                           struct rs_filter_text text)
{
    const struct rs_filter_domain *domain = rs_filter_domain(field);
    int other = field_of_value(scan, text);
    const char *nearest;

    if (other >= 0)
        return rs_filter_fail(scan, text.start, "'%.*s' is no %s; did you mean %s=%.*s?",
                              QUOTED(text), domain->noun, rs_filter_fields[other].name,
                              QUOTED(text));
    if (text.start[0] == '!')
        return rs_filter_fail(scan, text.start,
                              "'!' must stand before the first value: it turns all over");
    if (rs_filter_is_word(text, "all") || rs_filter_is_word(text, "none"))
        return rs_filter_fail(scan, text.start, "'%.*s' must be the only value", QUOTED(text));
    if (all_hexadecimal(text))
        return rs_filter_fail(scan, text.start, "unknown %s '%.*s'; did you mean 0x%.*s?",
                              domain->noun, QUOTED(text), QUOTED(text));
    nearest = rs_filter_nearest(domain, rs_filter_strip(domain, text));
    if (nearest != NULL)
        return rs_filter_fail(scan, text.start, "unknown %s '%.*s'; did you mean %s?", domain->noun,
                              QUOTED(text), nearest);
    return rs_filter_fail(scan, text.start, "unknown %s '%.*s'", domain->noun, QUOTED(text));
}

int rs_filter_fail_word(const struct rs_filter_scan *scan, struct rs_filter_text word)
{
    int field = field_of_value(scan, word);
    const char *nearest = rs_filter_nearest_word(word);
    char lower[32] = "";

    for (size_t i = 0; nearest && nearest[i] != '\0' && i < sizeof(lower) - 1; i++)
        lower[i] = (char)tolower((unsigned char)nearest[i]);
    if (field >= 0)
        return rs_filter_fail(scan, word.start, "'%.*s' is a value; did you mean %s=%.*s?",
                              QUOTED(word), rs_filter_fields[field].name, QUOTED(word));
    if (nearest != NULL)
        return rs_filter_fail(scan, word.start, "unknown word '%.*s'; did you mean %s?",
                              QUOTED(word), lower);
    return rs_filter_fail(scan, word.start, "unknown word '%.*s'", QUOTED(word));
}

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return isxdigit((unsigned char)digit) ? tolower((unsigned char)digit) - 'a' + 10 : 16;
}

/* Decimal, or hexadecimal after 0x. */
static int parse_number(const struct rs_filter_scan *scan, enum rs_filter_field field,
                        struct rs_filter_text text, uint64_t *value)
{
    const struct rs_filter_domain *domain = rs_filter_domain(field);
    bool hexadecimal = text.length > 2 && text.start[0] == '0' && (text.start[1] | 0x20) == 'x';
    unsigned base = hexadecimal ? 16 : 10;
    uint64_t number = 0;

    for (size_t i = hexadecimal ? 2 : 0; i < text.length; i++) {
        unsigned digit = (unsigned)digit_value(text.start[i]);

        if (digit >= base)
            return all_hexadecimal(text)
                       ? rs_filter_fail_unknown(scan, field, text)
                       : rs_filter_fail(scan, text.start, "'%.*s' is not a number", QUOTED(text));
        if (digit > domain->maximum || number > (domain->maximum - digit) / base)
            return rs_filter_fail(scan, text.start,
                                  "%s %.*s is out of range: the largest is 0x%" PRIx64,
                                  domain->noun, QUOTED(text), domain->maximum);
        number = number * base + digit;
    }
    *value = number;
    return 0;
}

/* A number and its unit, in nanoseconds. */
static int parse_time(const struct rs_filter_scan *scan, struct rs_filter_text text,
                      uint64_t *value)
{
    static const struct {
        const char *name;
        uint64_t ns;
    } units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};
    struct rs_filter_text number = {.start = text.start}, unit;

    while (number.length < text.length && isdigit((unsigned char)text.start[number.length]))
        number.length++;
    unit = (struct rs_filter_text){text.start + number.length, text.length - number.length};
    if (number.length == 0)
        return rs_filter_fail(scan, text.start,
                              "'%.*s' is not a time: a number and ns, us, ms or s", QUOTED(text));
    if (unit.length == 0)
        return rs_filter_fail(scan, unit.start, "the unit is missing: %.*sns, us, ms or s",
                              QUOTED(number));
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (!rs_filter_is_word(unit, units[i].name))
            continue;
        if (parse_number(scan, RS_FILTER_DURATION, number, value) != 0)
            return -1;
        if (*value > UINT64_MAX / units[i].ns)
            return rs_filter_fail(scan, text.start, "time %.*s is out of range", QUOTED(text));
        *value *= units[i].ns;
        return 0;
    }
    return rs_filter_fail(scan, unit.start, "unknown unit '%.*s': it is one of ns, us, ms and s",
                          QUOTED(unit));
}

static int parse_symbol(const struct rs_filter_scan *scan, struct rs_filter_text text,
                        struct rs_filter_range *range)
{
    const struct rs_filter_symbols *symbols = scan->symbols;
    char message[160] = "";

    if (symbols == NULL || symbols->resolve == NULL)
        return rs_filter_fail(scan, text.start,
                              "'%.*s' is not a number, and there are no symbols here",
                              QUOTED(text));
    if (symbols->resolve(symbols->context, text.start, text.length, range, message,
                         sizeof(message)) != 0)
        return rs_filter_fail(scan, text.start, "%s", message);
    return 0;
}

static int parse_item(const struct rs_filter_scan *scan, enum rs_filter_field field,
                      struct rs_filter_text text, struct rs_filter_range *range)
{
    const struct rs_filter_domain *domain = rs_filter_domain(field);
    int result;

    if (text.length == 0)
        return rs_filter_fail(scan, text.start, "a value is missing here");
    if (domain == &rs_filter_domains[RS_FILTER_DOMAIN_DURATION]) {
        result = parse_time(scan, text, &range->first);
    } else if (isdigit((unsigned char)text.start[0])) {
        result = parse_number(scan, field, text, &range->first);
    } else if (domain == &rs_filter_domains[RS_FILTER_DOMAIN_ADDRESS]) {
        return parse_symbol(scan, text, range);
    } else {
        if (rs_filter_lookup(domain, rs_filter_strip(domain, text), range))
            return 0;
        return rs_filter_fail_unknown(scan, field, text);
    }
    range->last = range->first;
    return result;
}

/* The '-' of a range, or NULL. The name of an image may have one: from a letter on, it is looked
 * for behind '!', if there is any. */
static const char *find_dash(struct rs_filter_text text)
{
    bool symbol = text.length > 0 && !isdigit((unsigned char)text.start[0]);
    const char *bang = symbol ? memchr(text.start, '!', text.length) : NULL;
    size_t before = bang ? (size_t)(bang - text.start) : 0;

    return memchr(text.start + before, '-', text.length - before);
}

/* The whole text is an image. */
static bool is_image(const struct rs_filter_scan *scan, enum rs_filter_field field,
                     struct rs_filter_text text, struct rs_filter_range *range)
{
    const struct rs_filter_symbols *symbols = scan->symbols;
    char message[160];

    return rs_filter_fields[field].domain == RS_FILTER_DOMAIN_ADDRESS && text.length > 0 &&
           !isdigit((unsigned char)text.start[0]) && symbols && symbols->resolve &&
           symbols->resolve(symbols->context, text.start, text.length, range, message,
                            sizeof(message)) == 0;
}

int rs_filter_parse_value(const struct rs_filter_scan *scan, enum rs_filter_field field,
                          struct rs_filter_text text, struct rs_filter_range *range)
{
    const char *dash = find_dash(text);
    struct rs_filter_text low = text, high = text;
    struct rs_filter_range first = {0}, last = {0};

    if (is_image(scan, field, text, range))
        return 0;
    if (dash != NULL) {
        low.length = (size_t)(dash - text.start);
        high.start = dash + 1;
        high.length = text.length - low.length - 1;
    }
    if (parse_item(scan, field, low, &first))
        return -1;
    last = first;
    if (dash != NULL && parse_item(scan, field, high, &last))
        return -1;
    if (first.first > last.last)
        return rs_filter_fail(scan, text.start, "range '%.*s' ends before it begins", QUOTED(text));
    *range = (struct rs_filter_range){first.first, last.last};
    return 0;
}
