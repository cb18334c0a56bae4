/* SPDX-License-Identifier: MIT
 * Error codes of exceptions: SDM Vol. 3A, "Error Code", and those of #PF and #CP. */
#include "decode/internal.h"
#include "decode/tables.h"
#include "model/model.h"
#include "nt/services.h"

#include <ringscope/x86/vectors.h>
#include <stdio.h>

static const struct {
    uint32_t mask;
    const char *name, *set, *clear, *meaning;
} pf_fields[] = {
#define F(name, set, clear, meaning) {PF_ERROR_##name, #name, set, clear, meaning},
    RS_PF_ERROR_FIELDS(F)
#undef F
};

static const char *cp_error(uint32_t code)
{
    switch (code & CP_ERROR_CPEC) {
#define F(value, name)                                                                             \
    case value:                                                                                    \
        return name;
        RS_CP_ERRORS(F)
#undef F
    default:
        return "unknown cause";
    }
}

static const char *table_of(uint32_t code)
{
    if (code & SELECTOR_ERROR_IDT)
        return "IDT";
    return code & SELECTOR_ERROR_TI ? "LDT" : "GDT";
}

/* SDM Vol. 3A, "Page-Fault Exception (#PF)": with U clear the access was a supervisor's; a fetch
 * that is no read is neither a read nor a write. */
static void describe_pf(uint32_t code, char *buffer, size_t size, size_t *used)
{
    const char *blank = "";

    for (unsigned i = 0; i < sizeof(pf_fields) / sizeof(pf_fields[0]); i++) {
        const char *word = code & pf_fields[i].mask ? pf_fields[i].set : pf_fields[i].clear;

        if (pf_fields[i].mask == PF_ERROR_W && !(code & (PF_ERROR_W | PF_ERROR_I)))
            word = "read";
        if (word) {
            rs_append(buffer, size, used, "%s%s", blank, word);
            blank = " ";
        }
    }
}

static void describe_selector(uint32_t code, char *buffer, size_t size, size_t *used)
{
    uint32_t index = code & SELECTOR_ERROR_INDEX;

    if (code & SELECTOR_ERROR_IDT)
        rs_append(buffer, size, used, "IDT vector %#x", index >> 3);
    else
        rs_append(buffer, size, used, "%s selector %#x", table_of(code),
                  index | (code & SELECTOR_ERROR_TI));
    if (code & SELECTOR_ERROR_EXT)
        rs_append(buffer, size, used, ", external");
}

static bool has_selector_code(uint8_t vector)
{
    return vector == RS_VECTOR_TS || vector == RS_VECTOR_NP || vector == RS_VECTOR_SS ||
           vector == RS_VECTOR_GP;
}

size_t rs_decode_error_code(uint8_t vector, uint32_t code, char *buffer, size_t size)
{
    const char *name = rs_vector_name(vector);
    size_t used = 0;

    if (name)
        rs_append(buffer, size, &used, "%s(%#x", name, code);
    else
        rs_append(buffer, size, &used, "%#04x(%#x", vector, code);
    if (vector == RS_VECTOR_PF) {
        rs_append(buffer, size, &used, ": ");
        describe_pf(code, buffer, size, &used);
    } else if (vector == RS_VECTOR_CP && code) {
        rs_append(buffer, size, &used, ": %s", cp_error(code));
    } else if (has_selector_code(vector) && code) {
        rs_append(buffer, size, &used, ": ");
        describe_selector(code, buffer, size, &used);
    }
    rs_append(buffer, size, &used, ")");
    return used;
}

static void add_reserved(struct rs_decoded *decoded, const char *bits, uint64_t value)
{
    if (value)
        rs_field_wrong(rs_decoded_add(decoded, bits, "reserved", value), "must be 0");
}

static void decode_pf(uint32_t code, struct rs_decoded *decoded)
{
    uint32_t known = 0;
    char bits[8];

    for (unsigned i = 0; i < sizeof(pf_fields) / sizeof(pf_fields[0]); i++) {
        uint32_t mask = pf_fields[i].mask;

        snprintf(bits, sizeof(bits), "%d", __builtin_ctz(mask));
        rs_field_mean(rs_decoded_add(decoded, bits, pf_fields[i].name, (code & mask) != 0), "%s",
                      pf_fields[i].meaning);
        known |= mask;
    }
    add_reserved(decoded, "30:16,14:8", code & ~known);
}

static void decode_cp(uint32_t code, struct rs_decoded *decoded)
{
    rs_field_mean(rs_decoded_add(decoded, "14:0", "CPEC", code & CP_ERROR_CPEC), "%s",
                  cp_error(code));
    rs_field_mean(rs_decoded_add(decoded, "15", "ENCL", (code & CP_ERROR_ENCL) != 0),
                  "in an enclave");
    add_reserved(decoded, "31:16", code >> 16);
}

static void decode_selector(uint32_t code, struct rs_decoded *decoded)
{
    struct rs_decoded_field *field;

    if (code == 0) {
        rs_field_mean(rs_decoded_add(decoded, "31:0", "code", 0), "no selector is involved");
        return;
    }
    rs_field_mean(rs_decoded_add(decoded, "0", "EXT", code & SELECTOR_ERROR_EXT),
                  code & SELECTOR_ERROR_EXT
                      ? "while an event from outside the program was delivered"
                      : "the program itself");
    rs_field_mean(rs_decoded_add(decoded, "1", "IDT", rs_bits(code, 1, 1)),
                  code & SELECTOR_ERROR_IDT ? "the index is of a gate in the IDT"
                                            : "the index is of the GDT or LDT");
    field = rs_decoded_add(decoded, "2", "TI", rs_bits(code, 2, 2));
    rs_field_mean(field, "%s", table_of(code));
    field = rs_decoded_add(decoded, "15:3", "index", rs_bits(code, 15, 3));
    if (code & SELECTOR_ERROR_IDT)
        rs_field_mean(field, "vector %#x", (code & SELECTOR_ERROR_INDEX) >> 3);
    else
        rs_field_mean(field, "selector %#x", code & (SELECTOR_ERROR_INDEX | SELECTOR_ERROR_TI));
    add_reserved(decoded, "31:16", code >> 16);
}

/* #DF and #AC push 0, whatever it was. */
static void decode_zero(uint32_t code, struct rs_decoded *decoded)
{
    struct rs_decoded_field *field = rs_decoded_add(decoded, "31:0", "code", code);

    if (code)
        rs_field_wrong(field, "always 0 for this vector");
    else
        rs_field_mean(field, "always 0 for this vector");
}

static void decode_other(uint8_t vector, uint32_t code, struct rs_decoded *decoded)
{
    struct rs_decoded_field *field = rs_decoded_add(decoded, "31:0", "code", code);

    if (!rs_exception_has_error_code(vector))
        rs_field_wrong(field, "this vector has no error code");
}

void rs_decode_error(const struct rs_decode_input *input, struct rs_decoded *decoded)
{
    uint8_t vector = input->has_vector ? input->vector : RS_VECTOR_GP;
    uint32_t code = (uint32_t)input->words[0];

    decoded->count = 0;
    rs_decode_error_code(vector, code, decoded->summary, sizeof(decoded->summary));
    if (vector == RS_VECTOR_PF)
        decode_pf(code, decoded);
    else if (vector == RS_VECTOR_CP)
        decode_cp(code, decoded);
    else if (vector == RS_VECTOR_DF || vector == RS_VECTOR_AC)
        decode_zero(code, decoded);
    else if (has_selector_code(vector))
        decode_selector(code, decoded);
    else
        decode_other(vector, code, decoded);
}
