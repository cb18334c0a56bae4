/* SPDX-License-Identifier: MIT
 * One event, one line of text, in strace's manner. */
#include "text_internal.h"

#include "explain/explain.h"
#include "nt/services.h"

#include <inttypes.h>
#include <ringscope/x86/vectors.h>
#include <string.h>

#define INDENT 2
#define EXPLAIN_INDENT "        "
#define INDENT_DEPTH_MAX 16 /* deeper events show their depth as a number */
#define COLOUR_DEVIATION "\033[31m"
#define COLOUR_OFF "\033[0m"

static const char *const kind_names[] = {
#define X(kind, group, direction, text) text,
    RS_EVENT_KINDS(X)
#undef X
};

static const char *const deviation_names[] = {
#define X(name, text) #name,
    RS_DEVIATIONS(X)
#undef X
};

static void print_wall(struct rs_text *text, uint64_t tsc)
{
    struct timespec wall = rs_clock_wall(&text->clock, tsc);
    struct tm local;
    char clock[16];

    if (text->time == RS_TIME_NONE)
        return;
    if (text->time == RS_TIME_EPOCH) {
        fprintf(text->file, "%lld.%06ld ", (long long)wall.tv_sec, wall.tv_nsec / 1000);
        return;
    }
    localtime_r(&wall.tv_sec, &local);
    strftime(clock, sizeof(clock), "%H:%M:%S", &local);
    if (text->time == RS_TIME_MICROSECONDS)
        fprintf(text->file, "%s.%06ld ", clock, wall.tv_nsec / 1000);
    else
        fprintf(text->file, "%s ", clock);
}

static void print_time(struct rs_text *text, uint64_t tsc)
{
    uint64_t ns = text->previous_tsc && tsc > text->previous_tsc
                      ? rs_clock_ns(&text->clock, tsc - text->previous_tsc)
                      : 0;

    if (text->relative)
        fprintf(text->file, "%6" PRIu64 ".%06" PRIu64 " ", ns / 1000000000, ns % 1000000000 / 1000);
    text->previous_tsc = tsc;
    print_wall(text, tsc);
    if (text->emulated && (text->relative || text->time != RS_TIME_NONE))
        fprintf(text->file, "emulated ");
}

void rs_text_put_address(struct rs_text *text, const char *preposition, uint64_t address)
{
    char where[RS_SYMBOL_TEXT_MAX], line[RS_SYMBOL_TEXT_MAX];

    rs_symbols_format(text->symbols, address, where, sizeof(where));
    fprintf(text->file, " %s %s", preposition, where);
    if (text->lines && rs_symbols_line(text->symbols, address, line, sizeof(line)))
        fprintf(text->file, " (%s)", line);
}

static void print_vector(struct rs_text *text, const struct rs_event *event)
{
    const char *name = rs_vector_name(event->vector);

    if (event->kind == RS_EVENT_INT_N || !name)
        fprintf(text->file, "%#04x", event->vector);
    else
        fprintf(text->file, "%s", name);
    if (event->kind == RS_EVENT_INTERRUPT && name)
        fprintf(text->file, " (%#04x)", event->vector);
    if (event->flags & RS_EVENT_HAS_ERROR_CODE)
        fprintf(text->file, "(%#" PRIx32 ")", event->error_code);
}

static void print_entry(struct rs_text *text, const struct rs_event *event)
{
    char service[96];

    print_vector(text, event);
    if (event->vector == RS_VECTOR_PF && event->kind == RS_EVENT_EXCEPTION)
        fprintf(text->file, " cr2 %#" PRIx64, event->cr2);
    if (event->kind == RS_EVENT_INT_N && event->vector == RS_VECTOR_SYSSVC) {
        rs_text_service(event->code, service, sizeof(service));
        fprintf(text->file, " %s", service);
    }
    rs_text_put_address(text, "at", event->from_rip);
    fprintf(text->file, " cpl %u", event->from_cpl);
    if (event->ist)
        fprintf(text->file, " ist %u", event->ist);
}

/* "NtClose", "#PF", "0x2e": what an entry was. */
static void put_entry_name(struct rs_text *text, uint16_t kind, uint32_t code, uint8_t number)
{
    const char *vector = rs_vector_name(number);
    char service[96];

    if (kind == RS_EVENT_SYSCALL) {
        rs_text_service(code, service, sizeof(service));
        fprintf(text->file, "%s", service);
    } else if (kind == RS_EVENT_INT_N || !vector) {
        fprintf(text->file, "%#04x", number);
    } else {
        fprintf(text->file, "%s", vector);
    }
}

/* What a return closes: "NtClose = STATUS_SUCCESS", or "#PF to 0x140001000 cpl 3". */
static void print_return(struct rs_text *text, const struct rs_event *event)
{
    if (event->kind == RS_EVENT_SYSRET) {
        rs_text_put_result(text->file, event, rs_text_told(text, event));
        return;
    }
    put_entry_name(text, event->entry_kind, event->entry_code, event->vector);
    rs_text_put_address(text, "to", event->to_rip);
    fprintf(text->file, " cpl %u", event->to_cpl);
}

static void print_msr(struct rs_text *text, const struct rs_event *event)
{
    const char *name = rs_msr_name(event->code);
    char where[RS_SYMBOL_TEXT_MAX];

    if (name)
        fprintf(text->file, "%s", name);
    else
        fprintf(text->file, "%#" PRIx32, event->code);
    fprintf(text->file, " = %#" PRIx64, event->value);
    if (rs_symbols_format(text->symbols, event->value, where, sizeof(where)))
        fprintf(text->file, " %s", where);
}

static void print_body(struct rs_text *text, const struct rs_event *event)
{
    switch (event->kind) {
    case RS_EVENT_SYSCALL:
        rs_text_put_call(text->file, event, rs_text_told(text, event), text->verbose);
        if (text->lines)
            rs_text_put_address(text, "at", event->from_rip);
        break;
    case RS_EVENT_SYSRET:
    case RS_EVENT_IRET:
        print_return(text, event);
        break;
    case RS_EVENT_WRMSR:
    case RS_EVENT_RDMSR:
        print_msr(text, event);
        break;
    case RS_EVENT_INT_N:
    case RS_EVENT_EXCEPTION:
    case RS_EVENT_NMI:
    case RS_EVENT_INTERRUPT:
        print_entry(text, event);
        break;
    default:
        rs_text_put_mark(text, event);
    }
}

static void print_deviations(struct rs_text *text, const struct rs_event *event)
{
    if (!event->deviations)
        return;
    fprintf(text->file, " %s!", text->colour ? COLOUR_DEVIATION : "");
    for (unsigned bit = 0, first = 1; bit < RS_DEVIATION_COUNT; bit++) {
        if (event->deviations & (1u << bit)) {
            fprintf(text->file, "%s%s", first ? "" : ",", deviation_names[bit]);
            first = 0;
        }
    }
    fprintf(text->file, "%s%s", event->flags & RS_EVENT_REPAIRED ? " (repaired)" : "",
            text->colour ? COLOUR_OFF : "");
}

static void print_duration(struct rs_text *text, const struct rs_event *event)
{
    uint64_t ns;

    if (event->kind != RS_EVENT_SYSRET && event->kind != RS_EVENT_IRET)
        return;
    ns = rs_clock_ns(&text->clock, rs_event_span(event, text->empty_span));
    fprintf(text->file, " <%" PRIu64 ".%06" PRIu64 "%s>", ns / 1000000000, ns % 1000000000 / 1000,
            text->emulated ? " emulated" : "");
}

void rs_text_put_indent(struct rs_text *text, unsigned depth)
{
    fprintf(text->file, "%*s", (int)(depth < INDENT_DEPTH_MAX ? depth : INDENT_DEPTH_MAX) * INDENT,
            "");
}

/* As perf and ftrace have it. */
static void print_cpu(struct rs_text *text, unsigned cpu)
{
    if (text->cpu_count > 1)
        fprintf(text->file, "[%03u] ", cpu);
}

static void print_depth(struct rs_text *text, unsigned depth)
{
    rs_text_put_indent(text, depth);
    if (depth > INDENT_DEPTH_MAX)
        fprintf(text->file, "[%u] ", depth);
}

static void follow(struct rs_text *text, const struct rs_event *event)
{
    size_t kept = 0;

    if (rs_event_direction(event->kind) == RS_DIRECTION_ENTRY &&
        text->open_count < RS_TEXT_OPEN_MAX)
        text->open[text->open_count++] = (struct rs_text_open){
            event->sequence, event->code, event->kind, event->vector, event->vcpu};
    if (rs_event_direction(event->kind) != RS_DIRECTION_RETURN)
        return;
    for (size_t i = 0; i < text->open_count; i++)
        if (text->open[i].sequence != event->entry_sequence ||
            text->open[i].vcpu != event->entry_vcpu)
            text->open[kept++] = text->open[i];
    text->open_count = kept;
}

void rs_text_end(struct rs_text *text)
{
    for (size_t i = text->open_count; i > 0; i--) {
        const struct rs_text_open *open = &text->open[i - 1];

        print_cpu(text, open->vcpu);
        fprintf(text->file, "%-7s ", open->kind == RS_EVENT_SYSCALL ? "SYSRET" : "IRET");
        put_entry_name(text, open->kind, open->code, open->vector);
        fprintf(text->file, " = ? <unfinished ...>\n");
    }
    text->open_count = 0;
}

static bool is_mark(const struct rs_event *event)
{
    return rs_event_group(event->kind) == RS_GROUP_MARK;
}

void rs_text_pass(struct rs_text *text, const struct rs_event *event)
{
    struct rs_told *told = rs_text_told(text, event);

    if (!told)
        return;
    if (is_mark(event))
        rs_told_mark(told, event);
    else
        rs_told_forget_arguments(told);
}

void rs_text_event(struct rs_text *text, const struct rs_event *event)
{
    const char *kind = event->kind < RS_EVENT_KIND_COUNT ? kind_names[event->kind] : "?";
    struct rs_told *told = rs_text_told(text, event);
    bool mark = is_mark(event);

    if (mark && told)
        rs_told_mark(told, event);
    if (mark && !text->marks)
        return;
    print_time(text, event->tsc_exit);
    print_cpu(text, event->vcpu);
    print_depth(text, event->depth);
    fprintf(text->file, "%-7s ", kind);
    print_body(text, event);
    print_deviations(text, event);
    if (text->durations)
        print_duration(text, event);
    if (text->verbose && !mark)
        rs_text_put_details(text, event);
    fputc('\n', text->file);
    if (text->explain && told && !mark)
        rs_explain_print(text->file, EXPLAIN_INDENT, event, told, text->symbols);
    follow(text, event);
    if (told && !mark)
        rs_told_forget_arguments(told);
}
