/* SPDX-License-Identifier: MIT
 * The 64-bit TSS: stacks and the I/O permission map. */
#include "decode/internal.h"
#include "model/model.h"

#include <ringscope/x86/cpu.h>
#include <stdio.h>
#include <string.h>

_Static_assert(RS_DECODE_WORDS_MAX * sizeof(uint64_t) == TSS64_SIZE, "a TSS fits the input");

#define RSP_COUNT 3
#define IST_COUNT 7

static void add(struct rs_decoded *decoded, unsigned offset, const char *name, uint64_t stack,
                const char *meaning)
{
    char bits[16];
    struct rs_decoded_field *field;

    snprintf(bits, sizeof(bits), "+0x%02x", offset);
    field = rs_decoded_add(decoded, bits, name, stack);
    if (!rs_is_canonical(stack, false))
        rs_field_wrong(field, "not canonical: #SS when it is used");
    else
        rs_field_mean(field, "%s", stack ? meaning : "");
}

static void add_reserved(struct rs_decoded *decoded, unsigned offset, uint64_t value)
{
    char bits[16];

    if (!value)
        return;
    snprintf(bits, sizeof(bits), "+0x%02x", offset);
    rs_field_wrong(rs_decoded_add(decoded, bits, "reserved", value), "must be 0");
}

static uint64_t read(const struct rs_decode_input *input, unsigned offset, unsigned size)
{
    uint64_t value = 0;

    memcpy(&value, (const uint8_t *)input->words + offset, size);
    return value;
}

static void add_io_map(struct rs_decoded *decoded, uint64_t base)
{
    struct rs_decoded_field *field = rs_decoded_add(decoded, "+0x66", "I/O map", base);

    if (base >= TSS64_SIZE)
        rs_field_mean(field, "at or beyond a limit of %#x: none, IN and OUT above IOPL raise #GP",
                      (unsigned)TSS64_SIZE - 1);
    else
        rs_field_wrong(field, "begins inside the TSS");
}

void rs_decode_tss(const struct rs_decode_input *input, struct rs_decoded *decoded)
{
    static const char *const rsp_names[RSP_COUNT] = {"RSP0", "RSP1", "RSP2"};
    static const char *const ist_names[IST_COUNT] = {"IST1", "IST2", "IST3", "IST4",
                                                     "IST5", "IST6", "IST7"};
    size_t used = 0;

    decoded->count = 0;
    add_reserved(decoded, 0, read(input, 0, 4));
    for (unsigned i = 0; i < RSP_COUNT; i++)
        add(decoded, TSS64_RSP0 + 8 * i, rsp_names[i], read(input, TSS64_RSP0 + 8 * i, 8),
            i == 0 ? "stack of ring 0 when CPL changes" : "stack of a ring that is seldom used");
    add_reserved(decoded, 0x1c, read(input, 0x1c, 8));
    for (unsigned i = 0; i < IST_COUNT; i++)
        add(decoded, TSS64_IST1 + 8 * i, ist_names[i], read(input, TSS64_IST1 + 8 * i, 8),
            "stack of the gates that name it");
    add_reserved(decoded, 0x5c, read(input, 0x5c, 8));
    add_reserved(decoded, 0x64, read(input, 0x64, 2));
    add_io_map(decoded, read(input, TSS64_IOMAP_BASE, 2));
    rs_append(decoded->summary, sizeof(decoded->summary), &used, "RSP0 %016llx, IST",
              (unsigned long long)read(input, TSS64_RSP0, 8));
    for (unsigned i = 0; i < IST_COUNT; i++)
        if (read(input, TSS64_IST1 + 8 * i, 8))
            rs_append(decoded->summary, sizeof(decoded->summary), &used, " %u", i + 1);
    rs_append(decoded->summary, sizeof(decoded->summary), &used, " in use");
}
