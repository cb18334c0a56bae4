/* SPDX-License-Identifier: MIT
 * Decoding arbitrary values, and arbitrary text as a value. */
#include <string.h>

#include "decode/decode.h"
#include "fuzz.h"

#define TEXT_MAX 256
#define VALUES_MAX 16

static void check_decoded(const struct rs_decoded *decoded)
{
    FUZZ_CHECK(decoded->count <= RS_DECODED_FIELDS_MAX);
    FUZZ_CHECK(memchr(decoded->summary, 0, sizeof(decoded->summary)) != NULL);
    for (unsigned i = 0; i < decoded->count; i++) {
        const struct rs_decoded_field *field = &decoded->fields[i];

        FUZZ_CHECK(memchr(field->bits, 0, sizeof(field->bits)) != NULL);
        FUZZ_CHECK(field->name != NULL && field->name[0] != '\0');
        FUZZ_CHECK(memchr(field->meaning, 0, sizeof(field->meaning)) != NULL);
        FUZZ_CHECK(!field->wrong || field->meaning[0] != '\0');
    }
}

static void decode(const struct rs_decode_kind *kind, const struct rs_decode_input *input)
{
    struct rs_decoded decoded = {.count = 0};

    FUZZ_CHECK(input->count >= kind->minimum && input->count <= kind->maximum);
    kind->decode(input, &decoded);
    check_decoded(&decoded);
}

static void decode_values(struct fuzz_input *data, const struct rs_decode_kind *kind)
{
    struct rs_decode_input input = {
        .count = kind->minimum + fuzz_below(data, kind->maximum - kind->minimum + 1),
        .has_vector = fuzz_take(data, 1) & 1,
        .has_base = fuzz_take(data, 1) & 1,
        .vector = (uint8_t)fuzz_take(data, 1),
        .level = (enum rs_pte_level)fuzz_below(data, RS_PTE_LEVEL_COUNT),
        .base = fuzz_take(data, 8),
    };

    for (unsigned i = 0; i < input.count; i++)
        input.words[i] = fuzz_take(data, 8);
    decode(kind, &input);
}

/* Blanks part the values. */
static void parse_text(struct fuzz_input *data, const struct rs_decode_kind *kind)
{
    struct rs_decode_input input = {.count = 0};
    char text[TEXT_MAX + 1], message[96];
    char *values[VALUES_MAX], *rest = text, *value;
    size_t count = 0;
    size_t size = (size_t)(data->end - data->next);

    size = size < TEXT_MAX ? size : TEXT_MAX;
    memcpy(text, data->next, size);
    text[size] = '\0';
    while (count < VALUES_MAX && (value = strsep(&rest, " ")) != NULL)
        values[count++] = value;
    if (rs_decode_parse(kind, values, count, &input, message, sizeof(message)) == 0)
        decode(kind, &input);
    else
        FUZZ_CHECK(memchr(message, 0, sizeof(message)) != NULL && message[0] != '\0');
}

static void error_code(struct fuzz_input *data)
{
    uint8_t vector = (uint8_t)fuzz_take(data, 1);
    uint32_t code = (uint32_t)fuzz_take(data, 4);
    char whole[256], cut[16];
    size_t length = rs_decode_error_code(vector, code, whole, sizeof(whole));
    unsigned size = fuzz_below(data, sizeof(cut) + 1);

    FUZZ_CHECK(length == strlen(whole));
    FUZZ_CHECK(rs_decode_error_code(vector, code, cut, size) == length);
    FUZZ_CHECK(size == 0 || strncmp(cut, whole, size - 1) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, data + size};
    unsigned what = fuzz_below(&input, 3);
    const struct rs_decode_kind *kind = &rs_decode_kinds[fuzz_below(&input, RS_DECODE_KIND_COUNT)];

    if (what == 0)
        decode_values(&input, kind);
    else if (what == 1)
        parse_text(&input, kind);
    else
        error_code(&input);
    return 0;
}
