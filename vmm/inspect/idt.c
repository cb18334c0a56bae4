/* SPDX-License-Identifier: MIT
 * View: the interrupt descriptor table. */
#include "inspect.h"

#include "decode/decode.h"
#include "nt/services.h"

#include <inttypes.h>
#include <ringscope/x86/cpu.h>
#include <string.h>

#define GATE_SIZE 16

static void add_stack(const struct rs_inspection *inspection, struct rs_view *view, uint8_t ist,
                      const uint8_t *tss)
{
    char text[RS_SYMBOL_TEXT_MAX];
    uint64_t top = 0;

    if (ist == 0 || !tss) {
        rs_view_cell(view, "%s", "");
        return;
    }
    memcpy(&top, tss + TSS64_IST1 + (size_t)(ist - 1) * sizeof(top), sizeof(top));
    if (*rs_inspect_stack(inspection, top, text))
        rs_view_cell(view, "%s", text);
    else
        rs_view_cell(view, "%#" PRIx64, top);
}

static void add_handler(const struct rs_inspection *inspection, struct rs_view *view,
                        uint64_t offset)
{
    char text[RS_SYMBOL_TEXT_MAX];

    rs_symbols_format(inspection->symbols, offset, text, sizeof(text));
    rs_view_cell(view, "%s", text);
}

static void add_gate(const struct rs_inspection *inspection, struct rs_view *view, unsigned vector,
                     const uint64_t raw[2], const uint8_t *tss)
{
    const char *name = rs_vector_name((uint8_t)vector);
    const char *type;
    struct rs_gate gate;

    rs_gate_decode(raw, &gate);
    type = gate.s ? NULL : rs_gate_type_name(gate.type);
    rs_view_cell(view, "%02x", vector);
    rs_view_cell(view, "%s", name ? name : "");
    rs_view_cell(view, "%08" PRIx64 "`%08" PRIx64 " %08" PRIx64 "`%08" PRIx64, raw[0] >> 32,
                 raw[0] & UINT32_MAX, raw[1] >> 32, raw[1] & UINT32_MAX);
    rs_view_cell(view, "%04x", gate.selector);
    rs_view_cell(view, "%x %s", gate.type,
                 !type                                   ? "invalid"
                 : gate.type == DESC_TYPE_INTERRUPT_GATE ? "interrupt"
                                                         : "trap");
    rs_view_cell(view, "%u", gate.dpl);
    rs_view_cell(view, "%u", gate.p);
    rs_view_cell(view, "%u", gate.ist);
    add_handler(inspection, view, gate.offset);
    add_stack(inspection, view, gate.ist, tss);
    rs_view_cell(view, "%s", inspection->gate_hooked[vector] ? "hooked" : "");
}

int rs_inspect_idt(const struct rs_inspection *inspection, struct rs_view *view,
                   struct rs_error *error)
{
    static const char *const columns[] = {"vector", "name", "raw",     "selector", "type", "dpl",
                                          "p",      "ist",  "handler", "stack",    "hook", NULL};
    const struct rs_table_register *idt = &inspection->state.idt;
    unsigned count = (idt->limit + 1u) / GATE_SIZE, left_out = 0, unread = 0;
    uint8_t tss[TSS64_SIZE];
    bool has_tss = rs_inspect_read_tss(inspection, tss) == 0;

    rs_view_columns(view, columns);
    for (unsigned vector = 0; vector < count && vector < RS_VECTOR_COUNT; vector++) {
        uint64_t raw[2];

        if (!inspection->all && !rs_vector_name((uint8_t)vector))
            left_out++;
        else if (rs_inspect_read(inspection, idt->base + (uint64_t)vector * GATE_SIZE, raw,
                                 sizeof(raw)) != 0)
            unread++;
        else
            add_gate(inspection, view, vector, raw, has_tss ? tss : NULL);
    }
    rs_view_caption(view, "base %016" PRIx64 " limit %#x, %u gates", idt->base, idt->limit, count);
    if (left_out)
        rs_view_caption(view,
                        "base %016" PRIx64 " limit %#x, %u gates; %u of vectors without a name "
                        "are left out (--all shows them)",
                        idt->base, idt->limit, count, left_out);
    return unread ? rs_error_set(error, RS_EXIT_IMAGE,
                                 "idt: %u gates at %#" PRIx64 " have no memory", unread, idt->base)
                  : 0;
}
