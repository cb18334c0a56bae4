/* SPDX-License-Identifier: MIT
 * Lines for marks, and what -v adds to exceptions and interrupts. */
#include "decode/decode.h"
#include "decode/disassemble.h"
#include "nt/services.h"
#include "text_internal.h"

#include <ctype.h>
#include <inttypes.h>
#include <ringscope/x86/cpu.h>

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

static const char *const vendors[] = {
#define X(name, text) text,
    RS_VENDORS(X)
#undef X
};

static const char *const stops[] = {
#define X(name, text) #name,
    RS_STOPS(X)
#undef X
};

static const char *const purposes[] = {
#define X(name, text) #name,
    RS_PURPOSES(X)
#undef X
};

static const char *const kinds[] = {
#define X(kind, group, direction, text) text,
    RS_EVENT_KINDS(X)
#undef X
};

#define NAME(names, value) ((value) < sizeof(names) / sizeof((names)[0]) ? (names)[value] : "?")

static void put_data(FILE *file, const struct rs_event *event, bool text)
{
    for (unsigned i = 0; i < event->data_size && i < RS_EVENT_DATA_MAX; i++) {
        if (!text)
            fprintf(file, " %02x", event->data[i]);
        else if (isprint(event->data[i]) && event->data[i] != '"' && event->data[i] != '\\')
            fputc(event->data[i], file);
        else
            fprintf(file, event->data[i] == '\n' ? "\\n" : "\\x%02x", event->data[i]);
    }
}

static void put_finding(FILE *file, const struct rs_event *event)
{
    const char *vector = rs_vector_name(event->vector);

    fprintf(file, "%s in %s", NAME(deviation_names, event->code), NAME(kinds, event->entry_kind));
    if (event->vector && vector)
        fprintf(file, " %s", vector);
    fprintf(file, ": %s", NAME(deviation_texts, event->code));
    if (event->expected != event->actual)
        fprintf(file, "; expected %#" PRIx64 ", got %#" PRIx64, event->expected, event->actual);
}

static void put_state(FILE *file, const struct rs_event *event)
{
    fprintf(file,
            "star %#" PRIx64 " lstar %#" PRIx64 " cstar %#" PRIx64 " fmask %#" PRIx64
            " efer %#" PRIx64 " cr0 %#" PRIx64 " cr4 %#" PRIx64 " gdt %#" PRIx64 ":%#" PRIx32
            " idt %#" PRIx64 ":%#" PRIx32 " tr %#x %#" PRIx64 ":%#" PRIx32,
            event->star, event->lstar, event->cstar, event->fmask, event->efer, event->cr0,
            event->cr4, event->gdt_base, event->gdt_limit, event->idt_base, event->idt_limit,
            event->tr_selector, event->tr_base, event->tr_limit);
}

void rs_text_put_mark(struct rs_text *text, const struct rs_event *event)
{
    FILE *file = text->file;

    switch (event->kind) {
    case RS_EVENT_CR3:
        fprintf(file, "%#" PRIx64 " (was %#" PRIx64 ")", event->cr3, event->value);
        break;
    case RS_EVENT_STATE:
        put_state(file, event);
        break;
    case RS_EVENT_MEMORY:
        fprintf(file, "%s", NAME(purposes, event->purpose));
        if (event->purpose == RS_PURPOSE_ARGUMENT || event->purpose == RS_PURPOSE_RESULT)
            fprintf(file, " %u", event->index);
        rs_text_put_address(text, "at", event->value);
        fprintf(file, ":");
        put_data(file, event, false);
        break;
    case RS_EVENT_CONSOLE:
        fputc('"', file);
        put_data(file, event, true);
        fputc('"', file);
        break;
    case RS_EVENT_EXIT:
        fprintf(file, "port %#" PRIx32 " = %#" PRIx64, event->code, event->value);
        break;
    case RS_EVENT_START:
        fprintf(file, "%s rules, empty span %" PRIu64 " ticks", NAME(vendors, event->code),
                event->value);
        break;
    case RS_EVENT_STOP:
        fprintf(file, "%s %#" PRIx64, NAME(stops, event->code), event->value);
        break;
    case RS_EVENT_REPAIR:
    case RS_EVENT_DEVIATION:
        put_finding(file, event);
        break;
    case RS_EVENT_LOST:
        fprintf(file, "%" PRIu64 " events", event->value);
        break;
    default: /* ARM, DISARM */
        fprintf(file, "all hooks");
        break;
    }
}

static void put_instruction(struct rs_text *text, const struct rs_event *event)
{
    const struct rs_told *told = rs_text_told(text, event);
    uint8_t bytes[RS_TOLD_BYTES];
    size_t size = told ? rs_told_at(told, event->from_rip, bytes) : 0;
    char instruction[128];

    if (size == 0)
        return;
    rs_insn_format(bytes, size, event->from_rip, instruction, sizeof(instruction));
    fprintf(text->file, "; %s", instruction);
}

void rs_text_put_details(struct rs_text *text, const struct rs_event *event)
{
    char code[96];

    if (event->gate_type == 0)
        return;
    fputc('\n', text->file);
    rs_text_put_indent(text, event->depth + 4u);
    fprintf(text->file, "%s gate, ist %u, cs %#x, rsp %#" PRIx64 " -> %#" PRIx64,
            event->gate_type == DESC_TYPE_TRAP_GATE ? "trap" : "interrupt", event->ist,
            event->from_cs, event->from_rsp, event->to_rsp);
    if (event->flags & RS_EVENT_HAS_ERROR_CODE) {
        rs_decode_error_code(event->vector, event->error_code, code, sizeof(code));
        fprintf(text->file, ", %s", code);
    }
    if (event->kind == RS_EVENT_EXCEPTION || event->kind == RS_EVENT_INT_N)
        put_instruction(text, event);
}
