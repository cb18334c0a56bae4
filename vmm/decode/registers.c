/* SPDX-License-Identifier: MIT
 * Registers of flags: RFLAGS, FMASK, CR0, CR4, EFER, DR6, DR7. */
#include "decode/internal.h"
#include "decode/tables.h"

#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define F(name, meaning) {RFLAGS_##name, #name, meaning},
static const struct rs_bit_field rflags_fields[] = {RS_RFLAGS_FIELDS(F)};
#undef F
#define F(name, meaning) {CR0_##name, #name, meaning},
static const struct rs_bit_field cr0_fields[] = {RS_CR0_FIELDS(F)};
#undef F
#define F(name, meaning) {CR4_##name, #name, meaning},
static const struct rs_bit_field cr4_fields[] = {RS_CR4_FIELDS(F)};
#undef F
#define F(name, meaning) {EFER_##name, #name, meaning},
static const struct rs_bit_field efer_fields[] = {RS_EFER_FIELDS(F)};
#undef F
#define F(name, meaning) {DR6_##name, #name, meaning},
static const struct rs_bit_field dr6_fields[] = {RS_DR6_FIELDS(F)};
#undef F
#define F(name, meaning) {DR7_##name, #name, meaning},
static const struct rs_bit_field dr7_fields[] = {RS_DR7_FIELDS(F)};
#undef F

static unsigned lowest(uint64_t mask)
{
    return (unsigned)__builtin_ctzll(mask);
}

static unsigned highest(uint64_t mask)
{
    return 63 - (unsigned)__builtin_clzll(mask);
}

/* "13:12", or "9" */
static const char *range(uint64_t mask, char text[static 16])
{
    if (highest(mask) == lowest(mask))
        snprintf(text, 16, "%u", lowest(mask));
    else
        snprintf(text, 16, "%u:%u", highest(mask), lowest(mask));
    return text;
}

/* Each run of bits in one field. */
static void add_runs(struct rs_decoded *decoded, uint64_t bits, uint64_t value, const char *why)
{
    while (bits) {
        uint64_t above = bits >> lowest(bits);
        unsigned length = ~above ? lowest(~above) : 64;
        uint64_t run = (length < 64 ? (UINT64_C(1) << length) - 1 : UINT64_MAX) << lowest(bits);
        char text[16];

        rs_field_wrong(
            rs_decoded_add(decoded, range(run, text), "reserved", (value & run) >> lowest(run)),
            "%s", why);
        bits &= ~run;
    }
}

void rs_decode_register(const struct rs_register_layout *layout, uint64_t value,
                        struct rs_decoded *decoded)
{
    uint64_t known = layout->ones;
    size_t used = 0;

    decoded->count = 0;
    decoded->summary[0] = '\0';
    for (unsigned i = 0; i < layout->count; i++) {
        const struct rs_bit_field *field = &layout->fields[i];
        uint64_t part = (value & field->mask) >> lowest(field->mask);
        char text[16];

        known |= field->mask;
        rs_field_mean(rs_decoded_add(decoded, range(field->mask, text), field->name, part), "%s",
                      field->meaning);
        if (part)
            rs_append(decoded->summary, sizeof(decoded->summary), &used, "%s%s", used ? " " : "",
                      field->name);
        if (part > 1)
            rs_append(decoded->summary, sizeof(decoded->summary), &used, "=%u", (unsigned)part);
    }
    add_runs(decoded, value & ~known, value, "must be 0");
    add_runs(decoded, layout->ones & ~value, value, "always reads 1");
}

/* A field that contradicts another one. */
static void refuse(struct rs_decoded *decoded, const char *name, const char *why)
{
    struct rs_decoded_field *field = rs_decoded_find(decoded, name);

    if (field)
        rs_field_wrong(field, "%s", why);
}

void rs_decode_rflags(const struct rs_decode_input *input, struct rs_decoded *decoded)
{
    static const struct rs_register_layout layout = {rflags_fields, COUNT(rflags_fields),
                                                     RFLAGS_FIXED};

    rs_decode_register(&layout, input->words[0], decoded);
}

/* The same bits; what is 1 here is 0 after SYSCALL. */
void rs_decode_fmask(const struct rs_decode_input *input, struct rs_decoded *decoded)
{
    static const struct rs_register_layout layout = {rflags_fields, COUNT(rflags_fields), 0};
    uint64_t value = input->words[0];

    rs_decode_register(&layout, value & ~RFLAGS_FIXED, decoded);
    for (unsigned i = 0; i < decoded->count; i++)
        if (!decoded->fields[i].wrong)
            rs_field_mean(&decoded->fields[i], "%s",
                          decoded->fields[i].value ? "SYSCALL clears it" : "SYSCALL keeps it");
    if (!(value & RFLAGS_TF))
        refuse(decoded, "TF",
               "SYSCALL keeps it: ring 3 can single-step the entry on its own stack");
    if (!(value & RFLAGS_IF))
        refuse(decoded, "IF", "SYSCALL keeps it: an interrupt can come before RSP is the kernel's");
}

void rs_decode_cr0(const struct rs_decode_input *input, struct rs_decoded *decoded)
{
    static const struct rs_register_layout layout = {cr0_fields, COUNT(cr0_fields), 0};
    uint64_t value = input->words[0];

    rs_decode_register(&layout, value, decoded);
    if ((value & CR0_PG) && !(value & CR0_PE))
        refuse(decoded, "PG", "without PE: MOV to CR0 raises #GP");
    if ((value & CR0_NW) && !(value & CR0_CD))
        refuse(decoded, "NW", "without CD: MOV to CR0 raises #GP");
}

void rs_decode_cr4(const struct rs_decode_input *input, struct rs_decoded *decoded)
{
    static const struct rs_register_layout layout = {cr4_fields, COUNT(cr4_fields), 0};

    rs_decode_register(&layout, input->words[0], decoded);
}

void rs_decode_efer(const struct rs_decode_input *input, struct rs_decoded *decoded)
{
    static const struct rs_register_layout layout = {efer_fields, COUNT(efer_fields), 0};
    uint64_t value = input->words[0];

    rs_decode_register(&layout, value, decoded);
    if ((value & EFER_LMA) && !(value & EFER_LME))
        refuse(decoded, "LMA", "without LME: no processor is in this state");
}

void rs_decode_dr6(const struct rs_decode_input *input, struct rs_decoded *decoded)
{
    static const struct rs_register_layout layout = {dr6_fields, COUNT(dr6_fields), DR6_FIXED};

    rs_decode_register(&layout, input->words[0], decoded);
}

/* SDM Vol. 3B, "Debug Control Register (DR7)": the meaning of R/Wn and LENn. */
void rs_decode_dr7(const struct rs_decode_input *input, struct rs_decoded *decoded)
{
    static const struct rs_register_layout layout = {dr7_fields, COUNT(dr7_fields), DR7_FIXED};
    static const char *const conditions[] = {"execution", "writes", "I/O, with CR4.DE",
                                             "reads and writes"};
    static const char *const lengths[] = {"1 byte", "2 bytes", "8 bytes", "4 bytes"};
    uint64_t value = input->words[0];

    rs_decode_register(&layout, value, decoded);
    for (unsigned i = 0; i < 4; i++) {
        struct rs_decoded_field *condition = &decoded->fields[12 + 2 * i];
        struct rs_decoded_field *length = condition + 1;

        rs_field_mean(condition, "DR%u: %s", i, conditions[condition->value & 3]);
        rs_field_mean(length, "DR%u: %s", i, lengths[length->value & 3]);
        if (condition->value == 0 && length->value != 0)
            rs_field_wrong(length, "DR%u: must be 0 for execution", i);
    }
}
