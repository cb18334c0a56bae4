/* SPDX-License-Identifier: MIT
 * System calls in strace's manner: arguments, what they point to, results. */
#include "nt/services.h"
#include "text_internal.h"

#include <inttypes.h>
#include <string.h>

void rs_text_service(uint32_t eax, char *buffer, size_t size)
{
    const char *name = rs_service_name(eax);

    if (name)
        snprintf(buffer, size, "%s", name);
    else
        snprintf(buffer, size, "service %#" PRIx32, eax);
}

static void put_named(FILE *file, const char *name, uint32_t value)
{
    if (name)
        fprintf(file, "%s", name);
    else
        fprintf(file, "%#" PRIx32, value);
}

static void put_status(FILE *file, uint32_t status)
{
    put_named(file, rs_status_name(status), status);
}

static void put_char(FILE *file, unsigned c)
{
    static const char escapes[] = "\a\b\t\n\v\f\r\"\\", letters[] = "abtnvfr\"\\";
    const char *escape = c != 0 && c <= '\\' ? strchr(escapes, (int)c) : NULL;

    if (escape)
        fprintf(file, "\\%c", letters[escape - escapes]);
    else if (c >= ' ' && c <= '~')
        fputc((int)c, file);
    else
        fprintf(file, c > UINT8_MAX ? "\\u%04x" : "\\x%02x", c);
}

static void put_string(FILE *file, const struct rs_told_argument *told, bool cut)
{
    fputc('"', file);
    for (uint32_t i = 0; i < told->size; i++)
        put_char(file, told->bytes[i]);
    fprintf(file, "\"%s", cut ? "..." : "");
}

static void put_unicode(FILE *file, const struct rs_told_argument *told)
{
    fprintf(file, "L\"");
    for (uint32_t i = 0; i + 1 < told->size; i += 2)
        put_char(file, told->bytes[i] | (unsigned)told->bytes[i + 1] << 8);
    fputc('"', file);
}

static uint64_t word(const struct rs_told_argument *told, size_t offset, size_t size)
{
    uint64_t value = 0;

    if (offset + size <= told->size)
        memcpy(&value, told->bytes + offset, size);
    return value;
}

static void put_pointer(FILE *file, uint64_t value)
{
    if (value)
        fprintf(file, "%#" PRIx64, value);
    else
        fprintf(file, "NULL");
}

/* What an argument points to; false when nothing was told of it. */
static bool put_target(FILE *file, char kind, const struct rs_told_argument *told, uint64_t length)
{
    size_t size = kind == 'U' ? sizeof(uint32_t) : sizeof(uint64_t);

    if (!told || told->size == 0)
        return false;
    switch (kind) {
    case 'w':
    case 'r':
        put_string(file, told, told->size < length);
        return true;
    case 'S':
    case 'O':
        put_unicode(file, told);
        return true;
    case 'L':
        fprintf(file, "[%" PRId64 "]", (int64_t)word(told, 0, 8));
        return true;
    case 'I':
        fprintf(file, "{");
        put_status(file, (uint32_t)word(told, 0, 4));
        fprintf(file, ", %" PRIu64 "}", word(told, 8, 8));
        return true;
    case 'H':
    case 'P':
    case 'T':
    case 'U':
        fprintf(file, "[%#" PRIx64 "]", word(told, 0, size));
        return true;
    default:
        return false;
    }
}

static void put_value(FILE *file, char kind, uint64_t value)
{
    switch (kind) {
    case 'u':
        fprintf(file, "%" PRIu64, value);
        break;
    case 'd':
        fprintf(file, "%" PRId64, (int64_t)value);
        break;
    case 'b':
        fprintf(file, "%s", (uint8_t)value ? "TRUE" : "FALSE");
        break;
    case 's':
        put_status(file, (uint32_t)value);
        break;
    case 'x':
        fprintf(file, "%#" PRIx64, value);
        break;
    case 'h': /* the pseudo-handles are small negative numbers */
        if ((int64_t)value < 0 && (int64_t)value > -10)
            fprintf(file, "%" PRId64, (int64_t)value);
        else
            fprintf(file, "%#" PRIx64, value);
        break;
    default:
        put_pointer(file, value);
    }
}

static void put_name(FILE *file, uint32_t eax, unsigned argument)
{
    struct rs_argument_name name = rs_service_argument_name(eax, argument);

    if (name.length > 0)
        fprintf(file, "%.*s: ", name.length, name.start);
}

void rs_text_put_call(FILE *file, const struct rs_event *event, const struct rs_told *told,
                      bool names)
{
    unsigned count = rs_service_argument_count(event->code);
    char service[96];

    rs_text_service(event->code, service, sizeof(service));
    fprintf(file, "%s(", service);
    for (unsigned i = 0; i < count && i < RS_EVENT_ARGS; i++) {
        char kind = rs_service_argument_kind(event->code, i);
        uint64_t length = i + 1 < RS_EVENT_ARGS ? (uint32_t)event->args[i + 1] : 0;

        fprintf(file, "%s", i ? ", " : "");
        if (names)
            put_name(file, event->code, i);
        if (i >= RS_SERVICE_REGISTER_ARGS && (event->flags & RS_EVENT_ARGS_PARTIAL))
            fputc('?', file);
        else if (!put_target(file, kind, told ? &told->arguments[i] : NULL, length))
            put_value(file, kind, event->args[i]);
    }
    fprintf(file, "%s)", count > RS_EVENT_ARGS ? ", ..." : "");
}

void rs_text_call(const struct rs_event *event, char *buffer, size_t size)
{
    FILE *file = fmemopen(buffer, size, "w");

    buffer[0] = '\0';
    if (!file)
        return;
    rs_text_put_call(file, event, NULL, false);
    fclose(file);
    buffer[size - 1] = '\0';
}

void rs_text_put_result(FILE *file, const struct rs_event *event, const struct rs_told *told)
{
    const char *separator = " [";
    char service[96];

    rs_text_service(event->entry_code, service, sizeof(service));
    fprintf(file, "%s = ", service);
    put_named(file, rs_service_result_name(event->entry_code, event->code), event->code);
    for (unsigned i = 0; told && i < RS_EVENT_ARGS; i++) {
        char kind = rs_service_argument_kind(event->entry_code, i);

        if (told->arguments[i].size == 0)
            continue;
        fprintf(file, "%s", separator);
        put_name(file, event->entry_code, i);
        put_target(file, kind, &told->arguments[i], told->arguments[i].size);
        separator = ", ";
    }
    fprintf(file, "%s", separator[0] == ',' ? "]" : "");
}
