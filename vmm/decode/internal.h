/* SPDX-License-Identifier: MIT
 * What the decoders share: adding fields, and walking tables of bits. */
#ifndef RINGSCOPE_DECODE_INTERNAL_H
#define RINGSCOPE_DECODE_INTERNAL_H

#include "decode/decode.h"

/* Bits high..low of value. */
static inline uint64_t rs_bits(uint64_t value, unsigned high, unsigned low)
{
    return value >> low & ((UINT64_C(2) << (high - low)) - 1);
}

/* Adds a field; beyond the maximum nothing happens. The result is never NULL, valid until the next
 * call, and `meaning` of it empty. */
struct rs_decoded_field *rs_decoded_add(struct rs_decoded *decoded, const char *bits,
                                        const char *name, uint64_t value);
void rs_field_mean(struct rs_decoded_field *field, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same, and the field is wrong. */
void rs_field_wrong(struct rs_decoded_field *field, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void rs_decoded_summary(struct rs_decoded *decoded, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends like snprintf() at *used, which is what the whole text needs. */
void rs_append(char *buffer, size_t size, size_t *used, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A field of a register, by its mask. */
struct rs_bit_field {
    uint64_t mask;
    const char *name, *meaning;
};

struct rs_register_layout {
    const struct rs_bit_field *fields;
    unsigned count;
    uint64_t ones; /* bits that always read 1 */
};

/* Every field, the reserved bits that are set, the fixed ones that are clear; the summary is the
 * names of what is set. */
void rs_decode_register(const struct rs_register_layout *layout, uint64_t value,
                        struct rs_decoded *decoded);
/* The field of that name among those decoded, to say more about it; NULL when it is not there. */
struct rs_decoded_field *rs_decoded_find(struct rs_decoded *decoded, const char *name);

#endif
