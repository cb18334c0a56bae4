/* SPDX-License-Identifier: MIT
 * The kinds of value, and the fields that their decoders fill. */
#include "decode/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct rs_decode_kind rs_decode_kinds[RS_DECODE_KIND_COUNT] = {
#define X(id, name, minimum, maximum, width, source, summary)                                      \
    {name, minimum, maximum, width, source, summary, rs_decode_##id},
    RS_DECODE_KINDS(X)
#undef X
};

const struct rs_decode_kind *rs_decode_find(const char *name)
{
    for (unsigned i = 0; i < RS_DECODE_KIND_COUNT; i++)
        if (strcmp(rs_decode_kinds[i].name, name) == 0)
            return &rs_decode_kinds[i];
    return NULL;
}

struct rs_decoded_field *rs_decoded_add(struct rs_decoded *decoded, const char *bits,
                                        const char *name, uint64_t value)
{
    static _Thread_local struct rs_decoded_field spare;
    struct rs_decoded_field *field =
        decoded->count < RS_DECODED_FIELDS_MAX ? &decoded->fields[decoded->count++] : &spare;

    *field = (struct rs_decoded_field){.name = name, .value = value};
    snprintf(field->bits, sizeof(field->bits), "%s", bits);
    return field;
}

void rs_field_mean(struct rs_decoded_field *field, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(field->meaning, sizeof(field->meaning), format, arguments);
    va_end(arguments);
}

void rs_field_wrong(struct rs_decoded_field *field, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(field->meaning, sizeof(field->meaning), format, arguments);
    va_end(arguments);
    field->wrong = true;
}

void rs_decoded_summary(struct rs_decoded *decoded, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(decoded->summary, sizeof(decoded->summary), format, arguments);
    va_end(arguments);
}

void rs_append(char *buffer, size_t size, size_t *used, const char *format, ...)
{
    size_t at = *used < size ? *used : size;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(size > 0 ? buffer + at : NULL, size - at, format, arguments);
    va_end(arguments);
    *used += length > 0 ? (size_t)length : 0;
}

struct rs_decoded_field *rs_decoded_find(struct rs_decoded *decoded, const char *name)
{
    for (unsigned i = 0; i < decoded->count; i++)
        if (strcmp(decoded->fields[i].name, name) == 0)
            return &decoded->fields[i];
    return NULL;
}
