/* SPDX-License-Identifier: MIT
 * One event, one line of text, in strace's manner. */
#include "text.h"

#include "nt/services.h"

#include <inttypes.h>
#include <ringscope/x86/vectors.h>
#include <string.h>

#define INDENT 2
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

void rs_text_service(uint32_t eax, char *buffer, size_t size)
{
    const char *name = rs_service_name(eax);

    if (name)
        snprintf(buffer, size, "%s", name);
    else
        snprintf(buffer, size, "service %#" PRIx32, eax);
}

static size_t put_argument(char kind, uint64_t value, char *buffer, size_t size)
{
    const char *status;
    int used;

    switch (kind) {
    case 'u':
        used = snprintf(buffer, size, "%" PRIu64, value);
        break;
    case 'd':
        used = snprintf(buffer, size, "%" PRId64, (int64_t)value);
        break;
    case 'b':
        used = snprintf(buffer, size, "%s", (uint8_t)value ? "TRUE" : "FALSE");
        break;
    case 'h': /* the pseudo-handles are small negative numbers */
        used = (int64_t)value < 0 && (int64_t)value > -10
                   ? snprintf(buffer, size, "%" PRId64, (int64_t)value)
                   : snprintf(buffer, size, "%#" PRIx64, value);
        break;
    case 's':
        status = rs_status_name((uint32_t)value);
        used = status ? snprintf(buffer, size, "%s", status)
                      : snprintf(buffer, size, "%#" PRIx32, (uint32_t)value);
        break;
    case 'p':
        used = value ? snprintf(buffer, size, "%#" PRIx64, value) : snprintf(buffer, size, "NULL");
        break;
    default:
        used = snprintf(buffer, size, "%#" PRIx64, value);
    }
    return used > 0 && (size_t)used < size ? (size_t)used : size - 1;
}

void rs_text_call(const struct rs_event *event, char *buffer, size_t size)
{
    unsigned count = rs_service_argument_count(event->code);
    size_t used;

    rs_text_service(event->code, buffer, size);
    used = strlen(buffer);
    used += (size_t)snprintf(buffer + used, size - used, "(");
    for (unsigned i = 0; i < count && i < RS_EVENT_ARGS && used + 32 < size; i++) {
        used += (size_t)snprintf(buffer + used, size - used, "%s", i ? ", " : "");
        if (i >= RS_SERVICE_REGISTER_ARGS && (event->flags & RS_EVENT_ARGS_PARTIAL))
            used += (size_t)snprintf(buffer + used, size - used, "?");
        else
            used += put_argument(rs_service_argument_kind(event->code, i), event->args[i],
                                 buffer + used, size - used);
    }
    if (used + 2 < size)
        snprintf(buffer + used, size - used, ")");
}

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
    uint64_t ns = text->previous_tsc ? rs_clock_ns(&text->clock, tsc - text->previous_tsc) : 0;

    if (text->relative)
        fprintf(text->file, "%6" PRIu64 ".%06" PRIu64 " ", ns / 1000000000, ns % 1000000000 / 1000);
    text->previous_tsc = tsc;
    print_wall(text, tsc);
    if (text->emulated && (text->relative || text->time != RS_TIME_NONE))
        fprintf(text->file, "emulated ");
}

static void print_address(struct rs_text *text, const char *preposition, uint64_t address)
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
    print_address(text, "at", event->from_rip);
    fprintf(text->file, " cpl %u", event->from_cpl);
    if (event->ist)
        fprintf(text->file, " ist %u", event->ist);
}

/* What a return closes: "NtClose = STATUS_SUCCESS", or "#PF to 0x140001000 cpl 3". */
static void print_return(struct rs_text *text, const struct rs_event *event)
{
    const char *status = rs_status_name(event->code);
    const char *vector = rs_vector_name(event->vector);
    char service[96];

    if (event->kind == RS_EVENT_SYSRET) {
        rs_text_service(event->entry_code, service, sizeof(service));
        fprintf(text->file, "%s = %s", service, status ? status : "");
        if (!status)
            fprintf(text->file, "%#" PRIx32, event->code);
        return;
    }
    if (event->entry_kind == RS_EVENT_SYSCALL) {
        rs_text_service(event->entry_code, service, sizeof(service));
        fprintf(text->file, "%s", service);
    } else if (event->entry_kind == RS_EVENT_INT_N || !vector) {
        fprintf(text->file, "%#04x", event->vector);
    } else {
        fprintf(text->file, "%s", vector);
    }
    print_address(text, "to", event->to_rip);
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
    char call[512];

    switch (event->kind) {
    case RS_EVENT_SYSCALL:
        rs_text_call(event, call, sizeof(call));
        fprintf(text->file, "%s", call);
        if (text->lines)
            print_address(text, "at", event->from_rip);
        break;
    case RS_EVENT_SYSRET:
    case RS_EVENT_IRET:
        print_return(text, event);
        break;
    case RS_EVENT_WRMSR:
    case RS_EVENT_RDMSR:
        print_msr(text, event);
        break;
    default:
        print_entry(text, event);
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
    ns = rs_clock_ns(&text->clock, event->tsc_exit - event->entry_tsc);
    fprintf(text->file, " <%" PRIu64 ".%06" PRIu64 "%s>", ns / 1000000000, ns % 1000000000 / 1000,
            text->emulated ? " emulated" : "");
}

static void print_depth(struct rs_text *text, unsigned depth)
{
    if (depth <= INDENT_DEPTH_MAX)
        fprintf(text->file, "%*s", (int)depth * INDENT, "");
    else
        fprintf(text->file, "%*s[%u] ", INDENT_DEPTH_MAX * INDENT, "", depth);
}

void rs_text_event(struct rs_text *text, const struct rs_event *event)
{
    const char *kind = event->kind < RS_EVENT_KIND_COUNT ? kind_names[event->kind] : "?";

    print_time(text, event->tsc_exit);
    print_depth(text, event->depth);
    fprintf(text->file, "%-7s ", kind);
    print_body(text, event);
    print_deviations(text, event);
    if (text->durations)
        print_duration(text, event);
    fputc('\n', text->file);
}
