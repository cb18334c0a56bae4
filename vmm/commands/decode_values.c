/* SPDX-License-Identifier: MIT
 * The values to decode: from the command line, stdin or a file. */
#include "decode.h"

#include "options.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DUMP_MAX (RS_DECODE_VALUES_MAX * 8) /* bytes of text with as many values */

int rs_decode_values_add(struct rs_decode_values *values, char *text, struct rs_error *error)
{
    if (values->count == RS_DECODE_VALUES_MAX)
        return rs_error_set(error, RS_EXIT_USAGE, "more than %d values", RS_DECODE_VALUES_MAX);
    values->text[values->count++] = text;
    return 0;
}

static int parse(const struct rs_decode_kind *kind, const struct rs_decode_values *values,
                 struct rs_decode_input *input, struct rs_error *error)
{
    char message[sizeof(error->message)];

    if (rs_decode_parse(kind, values->text, values->count, input, message, sizeof(message)) == 0)
        return 0;
    return rs_error_set(error, RS_EXIT_USAGE, "%s", message);
}

static bool is_text(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!isprint((unsigned char)bytes[i]) && !isspace((unsigned char)bytes[i]))
            return false;
    return true;
}

static int take_raw(const struct rs_decode_kind *kind, const char *name, const char *bytes,
                    size_t size, struct rs_decode_input *input, struct rs_error *error)
{
    input->count = (unsigned)(size / sizeof(uint64_t));
    if (size % sizeof(uint64_t) != 0 || input->count < kind->minimum ||
        input->count > kind->maximum)
        return rs_error_set(error, RS_EXIT_IMAGE,
                            "%s: %zu bytes; %s has %zu, raw or as hexadecimal text", name, size,
                            kind->name, kind->maximum * sizeof(uint64_t));
    memcpy(input->words, bytes, size);
    return 0;
}

/* A dump is the raw bytes, or text with values as on the command line. */
static int take_dump(const struct rs_decode_kind *kind, const char *name, char *bytes, size_t size,
                     struct rs_decode_input *input, struct rs_error *error)
{
    struct rs_decode_values values = {.count = 0};
    char *rest = bytes, *text;

    if (size > DUMP_MAX)
        return rs_error_set(error, RS_EXIT_IMAGE, "%s: more than %d bytes: no dump of %s", name,
                            DUMP_MAX, kind->name);
    if (!is_text(bytes, size))
        return take_raw(kind, name, bytes, size, input, error);
    bytes[size] = '\0';
    while ((text = strsep(&rest, " \t\r\n")) != NULL)
        if (*text && rs_decode_values_add(&values, text, error) != 0)
            return -1;
    return parse(kind, &values, input, error);
}

static int read_stdin(const struct rs_decode_kind *kind, struct rs_decode_input *input,
                      struct rs_error *error)
{
    char bytes[DUMP_MAX + 2]; /* one too many, and a NUL */
    size_t used = 0;
    ssize_t count = 1;

    while (used < DUMP_MAX + 1 && count > 0) {
        count = read(STDIN_FILENO, bytes + used, DUMP_MAX + 1 - used);
        used += count > 0 ? (size_t)count : 0;
    }
    return take_dump(kind, "stdin", bytes, used, input, error);
}

static int read_file(const struct rs_decode_kind *kind, const char *path,
                     struct rs_decode_input *input, struct rs_error *error)
{
    char bytes[DUMP_MAX + 2];
    void *file;
    size_t size;

    if (rs_read_file(path, "dump", &file, &size, error) != 0)
        return -1;
    memcpy(bytes, file, size < sizeof(bytes) ? size : sizeof(bytes));
    free(file);
    return take_dump(kind, path, bytes, size, input, error);
}

int rs_decode_values_fill(const struct rs_decode_values *values, const struct rs_decode_kind *kind,
                          struct rs_decode_input *input, struct rs_error *error)
{
    const char *only = values->count == 1 ? values->text[0] : "";

    if (strcmp(only, "-") == 0)
        return read_stdin(kind, input, error);
    if (strchr(only, '/'))
        return read_file(kind, only, input, error);
    return parse(kind, values, input, error);
}
