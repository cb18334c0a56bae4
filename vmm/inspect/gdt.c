/* SPDX-License-Identifier: MIT
 * Views: the global descriptor table, and the task-state segment that TR names. */
#include "inspect.h"

#include "decode/decode.h"

#include <inttypes.h>
#include <ringscope/x86/cpu.h>
#include <string.h>

#define DESCRIPTOR_SIZE 8

/* A system descriptor takes two places. */
static unsigned add_descriptor(struct rs_view *view, unsigned selector, const uint64_t raw[2])
{
    struct rs_decode_input input = {.words = {raw[0], raw[1]}, .count = 1};
    struct rs_decoded decoded = {.count = 0};
    struct rs_segment segment;

    rs_segment_decode(raw[0], (uint16_t)selector, &segment);
    input.count = segment.s || raw[0] == 0 ? 1 : 2;
    rs_decode_segment(&input, &decoded);
    rs_view_cell(view, "%04x", selector);
    rs_view_quadword(view, raw[0]);
    if (input.count == 2)
        rs_view_quadword(view, raw[1]);
    else
        rs_view_cell(view, "%s", "");
    rs_view_cell(view, "%s", decoded.summary);
    return input.count;
}

int rs_inspect_gdt(const struct rs_inspection *inspection, struct rs_view *view,
                   struct rs_error *error)
{
    static const char *const columns[] = {"selector", "raw", "high", "meaning", NULL};
    const struct rs_table_register *gdt = &inspection->state.gdt;
    unsigned places = (gdt->limit + 1u) / DESCRIPTOR_SIZE;

    rs_view_caption(view, "base %016" PRIx64 " limit %#x", gdt->base, gdt->limit);
    rs_view_columns(view, columns);
    for (unsigned i = 0; i < places;) {
        uint64_t at = gdt->base + (uint64_t)i * DESCRIPTOR_SIZE, raw[2] = {0};

        if (rs_inspect_read(inspection, at, raw, i + 1 < places ? sizeof(raw) : sizeof(raw[0])))
            return rs_error_set(error, RS_EXIT_IMAGE, "gdt: no memory at %#" PRIx64, at);
        i += add_descriptor(view, i * DESCRIPTOR_SIZE, raw);
    }
    return 0;
}

int rs_inspect_tss(const struct rs_inspection *inspection, struct rs_view *view,
                   struct rs_error *error)
{
    static const char *const columns[] = {"offset", "field", "value", "stack", NULL};
    const struct rs_segment *tr = &inspection->state.tr;
    struct rs_decode_input input = {.count = RS_DECODE_WORDS_MAX};
    struct rs_decoded decoded = {.count = 0};

    rs_view_caption(view, "selector %#x base %016" PRIx64 " limit %#x", tr->selector, tr->base,
                    tr->limit);
    rs_view_columns(view, columns);
    if (rs_inspect_read_tss(inspection, (uint8_t *)input.words) != 0)
        return rs_error_set(error, RS_EXIT_IMAGE, "tss: no memory at %#" PRIx64, tr->base);
    rs_decode_tss(&input, &decoded);
    for (unsigned i = 0; i < decoded.count; i++) {
        const struct rs_decoded_field *field = &decoded.fields[i];
        char text[RS_SYMBOL_TEXT_MAX];

        rs_view_cell(view, "%s", field->bits);
        rs_view_cell(view, "%s", field->name);
        rs_view_quadword(view, field->value);
        rs_view_cell(view, "%s", rs_inspect_stack(inspection, field->value, text));
    }
    return 0;
}
