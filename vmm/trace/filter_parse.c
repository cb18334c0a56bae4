/* SPDX-License-Identifier: MIT
 * Parsing one -e expression: [kind=][!]value[,value...], in strace's manner. */
#include "trace/filter.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "trace/filter_internal.h"

/* One expression while it is parsed. */
struct parser {
    const char *expression;
    enum rs_filter_kind kind;
    bool negated;
    struct rs_filter_set set;
    struct rs_filter_error *error;
};

__attribute__((format(printf, 3, 4))) static int fail(struct parser *parser, const char *where,
                                                      const char *format, ...)
{
    va_list arguments;

    parser->error->column = (size_t)(where - parser->expression);
    va_start(arguments, format);
    vsnprintf(parser->error->message, sizeof(parser->error->message), format, arguments);
    va_end(arguments);
    return -1;
}

/* A piece of the expression as %.*s takes it: cut, so that the message keeps its end. */
#define QUOTE_MAX 40
#define QUOTED(text) quote_length(text), (text).start

static int quote_length(struct rs_filter_text text)
{
    return text.length < QUOTE_MAX ? (int)text.length : QUOTE_MAX;
}

static const struct rs_filter_kind_info *info(const struct parser *parser)
{
    return &rs_filter_kinds[parser->kind];
}

static bool is_word(struct rs_filter_text text, const char *word)
{
    return text.length == strlen(word) && memcmp(text.start, word, text.length) == 0;
}

static bool all_hexadecimal(struct rs_filter_text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!isxdigit((unsigned char)text.start[i]))
            return false;
    return true;
}

/* Why the text is no value of this kind: a name of another kind, a missing 0x, a slip of a finger.
 */
static int fail_unknown(struct parser *parser, struct rs_filter_text text)
{
    const char *noun = info(parser)->noun;
    const char *nearest;
    uint32_t value;

    for (unsigned i = 0; i < RS_FILTER_KIND_COUNT; i++) {
        enum rs_filter_kind kind = (enum rs_filter_kind)i;

        if (rs_filter_lookup(&rs_filter_kinds[i], rs_filter_strip(kind, text), &value))
            return fail(parser, text.start, "'%.*s' is no %s; did you mean %s=%.*s?", QUOTED(text),
                        noun, rs_filter_kinds[i].name, QUOTED(text));
    }
    if (text.start[0] == '!')
        return fail(parser, text.start, "'!' must stand before the first value: it turns all over");
    if (is_word(text, "all") || is_word(text, "none"))
        return fail(parser, text.start, "'%.*s' must be the only value", QUOTED(text));
    if (all_hexadecimal(text))
        return fail(parser, text.start, "unknown %s '%.*s'; did you mean 0x%.*s?", noun,
                    QUOTED(text), QUOTED(text));
    nearest = rs_filter_nearest(info(parser), rs_filter_strip(parser->kind, text));
    if (nearest != NULL)
        return fail(parser, text.start, "unknown %s '%.*s'; did you mean %s?", noun, QUOTED(text),
                    nearest);
    return fail(parser, text.start, "unknown %s '%.*s'", noun, QUOTED(text));
}

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return isxdigit((unsigned char)digit) ? tolower((unsigned char)digit) - 'a' + 10 : 16;
}

/* Decimal, or hexadecimal after 0x. */
static int parse_number(struct parser *parser, struct rs_filter_text text, uint32_t *value)
{
    uint32_t maximum = info(parser)->maximum;
    bool hexadecimal = text.length > 2 && text.start[0] == '0' && (text.start[1] | 0x20) == 'x';
    unsigned base = hexadecimal ? 16 : 10;
    uint64_t number = 0;

    for (size_t i = hexadecimal ? 2 : 0; i < text.length; i++) {
        unsigned digit = (unsigned)digit_value(text.start[i]);

        if (digit >= base)
            return all_hexadecimal(text)
                       ? fail_unknown(parser, text)
                       : fail(parser, text.start, "'%.*s' is not a number", QUOTED(text));
        number = number * base + digit;
        if (number > maximum)
            return fail(parser, text.start, "%s %.*s is out of range: the largest is 0x%" PRIx32,
                        info(parser)->noun, QUOTED(text), maximum);
    }
    *value = (uint32_t)number;
    return 0;
}

static int parse_item(struct parser *parser, struct rs_filter_text text, uint32_t *value)
{
    if (text.length == 0)
        return fail(parser, text.start, "a value is missing here");
    if (isdigit((unsigned char)text.start[0]))
        return parse_number(parser, text, value);
    if (rs_filter_lookup(info(parser), rs_filter_strip(parser->kind, text), value))
        return 0;
    return fail_unknown(parser, text);
}

/* ITEM or ITEM-ITEM. */
static int parse_value(struct parser *parser, struct rs_filter_text text)
{
    const char *dash = memchr(text.start, '-', text.length);
    struct rs_filter_text low = text, high = text;
    uint32_t first = 0, last = 0;

    if (dash != NULL) {
        low.length = (size_t)(dash - text.start);
        high.start = dash + 1;
        high.length = text.length - low.length - 1;
    }
    if (parse_item(parser, low, &first) || parse_item(parser, high, &last))
        return -1;
    if (first > last)
        return fail(parser, text.start, "range '%.*s' ends before it begins", QUOTED(text));
    if (!rs_filter_set_add(&parser->set, first, last))
        return fail(parser, text.start, "more than %d values", RS_FILTER_SET_MAX);
    return 0;
}

/* '!' turns the set over as often as it is there; `all` is the set of nothing, turned over. */
static int parse_set(struct parser *parser, const char *text)
{
    while (*text == '!') {
        parser->negated = !parser->negated;
        text++;
    }
    if (strcmp(text, "none") == 0)
        return 0;
    if (strcmp(text, "all") == 0) {
        parser->negated = !parser->negated;
        return 0;
    }
    for (;;) {
        struct rs_filter_text value = {.start = text, .length = strcspn(text, ",")};

        if (parse_value(parser, value))
            return -1;
        if (text[value.length] == '\0')
            return 0;
        text += value.length + 1;
    }
}

/* The kind before '='; without one it is syscall. Returns where the set begins, or NULL. */
static const char *parse_kind(struct parser *parser)
{
    const char *equals = strchr(parser->expression, '=');
    struct rs_filter_text word = {.start = parser->expression};

    if (equals == NULL) {
        parser->kind = RS_FILTER_SYSCALL;
        return parser->expression;
    }
    word.length = (size_t)(equals - parser->expression);
    for (unsigned i = 0; i < RS_FILTER_KIND_COUNT; i++) {
        if (is_word(word, rs_filter_kinds[i].name)) {
            parser->kind = (enum rs_filter_kind)i;
            return equals + 1;
        }
    }
    fail(parser, parser->expression,
         "unknown kind '%.*s': it is one of syscall, exception, interrupt and msr", QUOTED(word));
    return NULL;
}

int rs_filter_parse(struct rs_filter *filter, const char *expression, struct rs_filter_error *error)
{
    struct parser parser = {.expression = expression, .error = error};
    const char *set = parse_kind(&parser);

    if (set == NULL || parse_set(&parser, set))
        return -1;
    rs_filter_set_normalize(&parser.set);
    if (parser.negated)
        rs_filter_set_complement(&parser.set, info(&parser)->maximum);
    if (!rs_filter_store(filter, parser.kind, &parser.set))
        return fail(&parser, set, "too many separate MSR ranges: at most %d",
                    RS_FILTER_MSR_RANGES_MAX);
    return 0;
}
