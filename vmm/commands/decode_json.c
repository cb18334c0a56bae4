/* SPDX-License-Identifier: MIT
 * A decoded value as JSON: docs/decode.md. */
#include "decode.h"

#include <inttypes.h>
#include <jansson.h>

#define SCHEMA_VERSION 1

/* 64-bit values are strings: JSON's numbers are doubles to many a reader. */
static json_t *hex(uint64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%#" PRIx64, value);
    return json_string(text);
}

static json_t *words(const struct rs_decode_input *input)
{
    json_t *list = json_array();

    for (unsigned i = 0; list && i < input->count; i++)
        json_array_append_new(list, hex(input->words[i]));
    return list;
}

static json_t *fields(const struct rs_decoded *decoded)
{
    json_t *list = json_array();

    for (unsigned i = 0; list && i < decoded->count; i++) {
        const struct rs_decoded_field *field = &decoded->fields[i];

        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:o, s:b, s:s}", "bits", field->bits, "name",
                                        field->name, "value", hex(field->value), "wrong",
                                        (int)field->wrong, "meaning", field->meaning));
    }
    return list;
}

int rs_decode_json(const struct rs_decode_kind *kind, const struct rs_decode_input *input,
                   const struct rs_decoded *decoded, FILE *out)
{
    json_t *root = json_pack("{s:i, s:s, s:o, s:s, s:s, s:o}", "schema", SCHEMA_VERSION, "kind",
                             kind->name, "words", words(input), "source", kind->source, "summary",
                             decoded->summary, "fields", fields(decoded));
    int result = root ? json_dumpf(root, out, JSON_INDENT(2)) : -1;

    json_decref(root);
    return result == 0 && fputc('\n', out) != EOF ? 0 : -1;
}
