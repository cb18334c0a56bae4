/* SPDX-License-Identifier: MIT
 * View: where the machine stopped. */
#include "inspect.h"

#include "decode/decode.h"

#include <inttypes.h>
#include <ringscope/x86/cpu.h>

static void row(struct rs_view *view, const char *name, uint64_t value, const char *meaning)
{
    rs_view_cell(view, "%s", name);
    rs_view_quadword(view, value);
    rs_view_cell(view, "%s", meaning);
}

static void decoded_row(struct rs_view *view, const char *name, enum rs_decode_id id,
                        uint64_t value)
{
    struct rs_decode_input input = {.words = {value}, .count = 1};
    struct rs_decoded decoded = {.count = 0};

    rs_decode_kinds[id].decode(&input, &decoded);
    row(view, name, value, decoded.summary);
}

static void table_row(struct rs_view *view, const char *name, const struct rs_table_register *table)
{
    rs_view_cell(view, "%s", name);
    rs_view_quadword(view, table->base);
    rs_view_cell(view, "limit %#x", table->limit);
}

int rs_inspect_cpu(const struct rs_inspection *inspection, struct rs_view *view,
                   struct rs_error *error)
{
    static const char *const columns[] = {"register", "value", "meaning", NULL};
    static const char *const names[RS_REGISTER_COUNT] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp",
                                                         "rsi", "rdi", "r8",  "r9",  "r10", "r11",
                                                         "r12", "r13", "r14", "r15"};
    const struct rs_cpu_state *state = &inspection->state;
    char text[RS_SYMBOL_TEXT_MAX];

    (void)error;
    rs_view_caption(view, "ring %u, interrupts %s", state->cpl,
                    state->rflags & RFLAGS_IF ? "on" : "off");
    rs_view_columns(view, columns);
    row(view, "rip", state->rip, rs_inspect_function(inspection, state->rip, text));
    for (unsigned i = 0; i < RS_REGISTER_COUNT; i++)
        row(view, names[i], state->gpr[i],
            i == RS_RSP ? rs_inspect_stack(inspection, state->gpr[i], text) : "");
    decoded_row(view, "rflags", RS_DECODE_rflags, state->rflags);
    decoded_row(view, "cs", RS_DECODE_selector, state->cs.selector);
    decoded_row(view, "ss", RS_DECODE_selector, state->ss.selector);
    decoded_row(view, "tr", RS_DECODE_selector, state->tr.selector);
    decoded_row(view, "cr0", RS_DECODE_cr0, state->cr0);
    row(view, "cr2", state->cr2, "");
    row(view, "cr3", state->cr3, "");
    decoded_row(view, "cr4", RS_DECODE_cr4, state->cr4);
    decoded_row(view, "efer", RS_DECODE_efer, state->efer);
    table_row(view, "gdtr", &state->gdt);
    table_row(view, "idtr", &state->idt);
    return 0;
}
