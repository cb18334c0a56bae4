/* SPDX-License-Identifier: MIT
 * An explanation as text. */
#include "explain.h"

#include "decode/decode.h"
#include "decode/disassemble.h"

#include <inttypes.h>
#include <ringscope/x86/cpu.h>

#define GATE_SIZE 16

static const char *const deviation_names[] = {
#define X(name, text) #name,
    RS_DEVIATIONS(X)
#undef X
};

static const char *const deviation_texts[] = {
#define X(name, text) text,
    RS_DEVIATIONS(X)
#undef X
};

struct page {
    FILE *file;
    const char *indent;
    const struct rs_symbols *symbols;
};

static void put_value(const struct page *page, uint64_t value)
{
    char name[RS_SYMBOL_TEXT_MAX];

    fprintf(page->file, "%#" PRIx64, value);
    if (rs_symbols_format(page->symbols, value, name, sizeof(name)))
        fprintf(page->file, " %s", name);
}

static void put_instruction(const struct page *page, const struct rs_event *event,
                            const struct rs_told *told)
{
    uint8_t bytes[RS_TOLD_BYTES];
    size_t size = rs_told_at(told, event->from_rip, bytes);
    char text[128];

    if (size == 0)
        return;
    rs_insn_format(bytes, size, event->from_rip, text, sizeof(text));
    fprintf(page->file, "%sinstruction: %s\n", page->indent, text);
}

/* The gate as it lies in memory, and taken apart. */
static void put_gate(const struct page *page, const struct rs_told *told, uint8_t vector)
{
    uint64_t address = told->state.idt_base + (uint64_t)vector * GATE_SIZE, raw[2];
    struct rs_gate gate;

    if (!rs_told_read(told, address, raw, sizeof(raw)))
        return;
    rs_gate_decode(raw, &gate);
    fprintf(page->file,
            "%sgate %#x at %#" PRIx64 ": %016" PRIx64 " %016" PRIx64 "\n"
            "%s  type %X (%s), selector %#x, DPL %u, IST %u, %s, offset ",
            page->indent, vector, address, raw[0], raw[1], page->indent, gate.type,
            gate.type == DESC_TYPE_TRAP_GATE ? "trap gate" : "interrupt gate", gate.selector,
            gate.dpl, gate.ist, gate.p ? "present" : "not present");
    put_value(page, gate.offset);
    fprintf(page->file, "\n");
}

static void put_steps(const struct page *page, const struct rs_model_result *model)
{
    for (unsigned i = 0; i < model->step_count; i++) {
        fprintf(page->file, "%s%2u  %-58s ", page->indent, i + 1, model->steps[i].text);
        put_value(page, model->steps[i].value);
        fputc('\n', page->file);
    }
}

static void put_deviations(const struct page *page, const struct rs_event *event,
                           const struct rs_told *told)
{
    for (unsigned bit = 0; bit < RS_DEVIATION_COUNT; bit++) {
        const struct rs_told_finding *finding;

        if (!(event->deviations & (1u << bit)))
            continue;
        finding = rs_told_finding(told, event, (enum rs_deviation_bit)bit);
        fprintf(page->file, "%sthe host departed: %s (%s)", page->indent, deviation_texts[bit],
                deviation_names[bit]);
        if (finding && finding->expected != finding->actual)
            fprintf(page->file, ": expected %#" PRIx64 ", got %#" PRIx64, finding->expected,
                    finding->actual);
        fprintf(page->file, "%s\n",
                event->flags & RS_EVENT_REPAIRED ? "; the model's state was put into the vCPU"
                                                 : "");
    }
}

static void put_end(const struct page *page, const struct rs_explained *explained)
{
    const struct rs_cpu_state *after = &explained->model.after;

    fprintf(page->file, "%s=> CS:RIP %#x:", page->indent, after->cs.selector);
    put_value(page, after->rip);
    fprintf(page->file, ", SS:RSP %#x:%#" PRIx64 ", RFLAGS %#" PRIx64 ", CPL %u\n",
            after->ss.selector, after->gpr[RS_RSP], after->rflags, after->cpl);
}

void rs_explain_print(FILE *file, const char *indent, const struct rs_event *event,
                      const struct rs_told *told, const struct rs_symbols *symbols)
{
    const struct page page = {file, indent, symbols};
    struct rs_explained explained;
    char code[96];

    if (!rs_explain(event, told, &explained)) {
        if (rs_event_group(event->kind) != RS_GROUP_MARK &&
            rs_event_group(event->kind) != RS_GROUP_MSR)
            fprintf(file, "%snothing was told of the registers before this event\n", indent);
        return;
    }
    if (event->kind == RS_EVENT_EXCEPTION || event->kind == RS_EVENT_INT_N)
        put_instruction(&page, event, told);
    if (event->flags & RS_EVENT_HAS_ERROR_CODE) {
        rs_decode_error_code(event->vector, event->error_code, code, sizeof(code));
        fprintf(file, "%serror code: %s\n", indent, code);
    }
    if (explained.model.gate_type != 0)
        put_gate(&page, told, explained.model.vector);
    put_steps(&page, &explained.model);
    if (explained.is_missing)
        fprintf(file, "%sthe trace does not tell what was at %#" PRIx64 "\n", indent,
                explained.missing);
    else
        put_end(&page, &explained);
    put_deviations(&page, event, told);
}
