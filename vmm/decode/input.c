/* SPDX-License-Identifier: MIT
 * Values as debuggers and dumps print them -> quadwords. */
#include "decode/internal.h"
#include "trace/filter_names.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define QUADWORD_DIGITS 16
#define WORD_BYTES 8

/* The digits of one value, without what may stand around them. */
struct digits {
    const char *start;
    size_t length; /* with separators */
    size_t count;  /* digits alone */
};

static bool is_separator(char c)
{
    return c == '`' || c == '\'' || c == '_';
}

static bool find_digits(const char *text, struct digits *digits)
{
    size_t length = strlen(text);

    while (length > 0 && (text[length - 1] == ',' || text[length - 1] == ';'))
        length--;
    if (length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        text += 2;
        length -= 2;
    }
    *digits = (struct digits){text, length, 0};
    for (size_t i = 0; i < length; i++) {
        if (isxdigit((unsigned char)text[i]))
            digits->count++;
        else if (!is_separator(text[i]))
            return false;
    }
    return digits->count > 0;
}

static unsigned digit_value(char c)
{
    return isdigit((unsigned char)c) ? (unsigned)(c - '0')
                                     : (unsigned)(tolower((unsigned char)c) - 'a' + 10);
}

static uint64_t number(const struct digits *digits)
{
    uint64_t value = 0;

    for (size_t i = 0; i < digits->length; i++)
        if (!is_separator(digits->start[i]))
            value = value << 4 | digit_value(digits->start[i]);
    return value;
}

int rs_decode_number(const char *text, unsigned width, uint64_t *value)
{
    struct digits digits;

    if (!find_digits(text, &digits) || digits.count > QUADWORD_DIGITS)
        return -1;
    *value = number(&digits);
    return width < 64 && *value >> width ? -1 : 0;
}

/* Pairs of digits, the lowest address first. */
static void put_bytes(const struct digits *digits, size_t at, struct rs_decode_input *input)
{
    size_t nibble = 2 * at;

    for (size_t i = 0; i < digits->length; i++) {
        size_t byte = nibble / 2;

        if (is_separator(digits->start[i]))
            continue;
        input->words[byte / WORD_BYTES] |= (uint64_t)digit_value(digits->start[i])
                                           << (8 * (byte % WORD_BYTES) + (nibble % 2 ? 0 : 4));
        nibble++;
    }
}

static bool is_size(const struct rs_decode_kind *kind, size_t bytes)
{
    return bytes % WORD_BYTES == 0 && bytes / WORD_BYTES >= kind->minimum &&
           bytes / WORD_BYTES <= kind->maximum;
}

/* One string of all bytes, or each byte apart. */
static bool parse_bytes(const struct rs_decode_kind *kind, char *const *values, size_t count,
                        struct rs_decode_input *input)
{
    struct digits digits;
    size_t bytes = 0;

    for (size_t i = 0; i < count; i++) {
        if (!find_digits(values[i], &digits) || digits.count % 2 != 0 ||
            (count > 1 && digits.count != 2))
            return false;
        bytes += digits.count / 2;
    }
    if (!is_size(kind, bytes) || (count == 1 && bytes == WORD_BYTES))
        return false;
    for (size_t i = 0; i < count; i++) {
        find_digits(values[i], &digits);
        put_bytes(&digits, i, input);
    }
    input->count = (unsigned)(bytes / WORD_BYTES);
    return true;
}

/* "a quadword", "2 quadwords or 16 bytes" */
static void expected(const struct rs_decode_kind *kind, char *text, size_t size)
{
    size_t used = 0;

    if (kind->minimum != kind->maximum)
        rs_append(text, size, &used, "%u or ", kind->minimum);
    if (kind->maximum == 1)
        rs_append(text, size, &used, "1 value of at most %u bits", kind->width);
    else
        rs_append(text, size, &used, "%u quadwords, or all bytes as they lie in memory",
                  kind->maximum);
}

static int fail(const struct rs_decode_kind *kind, const char *value, const char *problem,
                char *message, size_t size)
{
    char text[96];

    expected(kind, text, sizeof(text));
    snprintf(message, size, "%s: '%.48s' %s; expected %s, in hexadecimal", kind->name, value,
             problem, text);
    return -1;
}

static int parse_words(const struct rs_decode_kind *kind, char *const *values, size_t count,
                       struct rs_decode_input *input, char *message, size_t size)
{
    for (size_t i = 0; i < count; i++) {
        struct digits digits;

        if (!find_digits(values[i], &digits))
            return fail(kind, values[i], "is no hexadecimal number", message, size);
        if (digits.count > QUADWORD_DIGITS)
            return fail(kind, values[i], "has more than 16 digits", message, size);
        if (i == kind->maximum)
            return fail(kind, values[i], "is one value too many", message, size);
        input->words[i] = number(&digits);
        if (kind->width < 64 && input->words[i] >> kind->width)
            return fail(kind, values[i], "is too large", message, size);
    }
    input->count = (unsigned)count;
    if (count >= kind->minimum)
        return 0;
    return fail(kind, count ? values[count - 1] : "", count ? "is not all of it" : "says nothing",
                message, size);
}

/* Names that stand for numbers. Returns 1 found, 0 no name of that kind, -1 misspelt. */
static int look_up(enum rs_filter_domain_id id, const char *text, uint32_t *value, char *message,
                   size_t size)
{
    const struct rs_filter_domain *domain = &rs_filter_domains[id];
    struct rs_filter_text name = {text, strlen(text)};
    struct rs_filter_range range;
    const char *nearest;

    name = rs_filter_strip(domain, name);
    if (name.length == 0)
        return 0;
    if (rs_filter_lookup(domain, name, &range)) {
        *value = (uint32_t)range.first;
        return 1;
    }
    if (rs_decode_number(text, 64, &(uint64_t){0}) == 0)
        return 0;
    nearest = rs_filter_nearest(domain, name);
    snprintf(message, size, "unknown %s '%.48s'%s%s", domain->noun, text,
             nearest && *nearest ? ": did you mean " : "", nearest ? nearest : "");
    return -1;
}

int rs_decode_vector_name(const char *text, uint8_t *vector, char *message, size_t size)
{
    uint32_t value;
    uint64_t wide;
    int found = look_up(RS_FILTER_DOMAIN_INTERRUPT, text, &value, message, size);

    if (found <= 0)
        found = look_up(RS_FILTER_DOMAIN_EXCEPTION, text, &value, message, size);
    if (found > 0) {
        *vector = (uint8_t)value;
        return 0;
    }
    if (found < 0)
        return -1;
    if (rs_decode_number(text, 8, &wide) != 0) {
        snprintf(message, size, "vector '%.48s': a mnemonic such as PF, or 0 to ff", text);
        return -1;
    }
    *vector = (uint8_t)wide;
    return 0;
}

static int parse_name(const struct rs_decode_kind *kind, const char *text,
                      struct rs_decode_input *input, char *message, size_t size)
{
    uint32_t value = 0;
    uint8_t vector = 0;
    int found = 0;

    if (kind == &rs_decode_kinds[RS_DECODE_service])
        found = look_up(RS_FILTER_DOMAIN_SERVICE, text, &value, message, size);
    else if (kind == &rs_decode_kinds[RS_DECODE_msr])
        found = look_up(RS_FILTER_DOMAIN_MSR, text, &value, message, size);
    else if (kind == &rs_decode_kinds[RS_DECODE_vector]) {
        found = rs_decode_vector_name(text, &vector, message, size) == 0 ? 1 : -1;
        value = vector;
    }
    input->words[0] = value;
    input->count = 1;
    return found;
}

int rs_decode_parse(const struct rs_decode_kind *kind, char *const *values, size_t count,
                    struct rs_decode_input *input, char *message, size_t size)
{
    int found;

    memset(input->words, 0, sizeof(input->words));
    if (count == 1) {
        found = parse_name(kind, values[0], input, message, size);
        if (found != 0)
            return found > 0 ? 0 : -1;
    }
    if (parse_bytes(kind, values, count, input))
        return 0;
    memset(input->words, 0, sizeof(input->words));
    return parse_words(kind, values, count, input, message, size);
}
