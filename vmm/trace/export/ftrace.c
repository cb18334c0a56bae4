/* SPDX-License-Identifier: MIT
 * Text of the kernel's tracing/trace file: the kernel's own events where it has them, `ringscope_*`
 * for the rest, and marks that its importers draw slices of. docs/export.md has the table. */
#include "internal.h"

#include "nt/services.h"
#include "trace/counts.h"
#include "trace/ctf/environment.h"

#include <ctype.h>
#include <inttypes.h>
#include <ringscope/x86/vectors.h>
#include <string.h>

#define COMM_WIDTH 16

/* The columns of the kernel's own trace file, without a count of entries: this one is a stream. */
static const char header[] = "#\n"
                             "#                                _-----=> irqs-off\n"
                             "#                               / _----=> need-resched\n"
                             "#                              | / _---=> hardirq/softirq\n"
                             "#                              || / _--=> preempt-depth\n"
                             "#                              ||| /     delay\n"
                             "#           TASK-PID     CPU#  ||||   TIMESTAMP  FUNCTION\n"
                             "#              | |         |   ||||      |         |\n";

static bool in_interrupt(const struct rs_event *event)
{
    uint16_t kind = rs_counts_kind(event);

    return kind == RS_EVENT_INTERRUPT || kind == RS_EVENT_NMI;
}

/* "            demo-1       [000] ....     0.001234: " */
static void put_head(struct rs_export *export, uint8_t vcpu, bool interrupt, uint64_t ns)
{
    uint64_t us = ns / RS_NS_PER_US;

    fprintf(export->file, "%*s-%-7u [%03u] ..%c. %5" PRIu64 ".%06" PRIu64 ": ", COMM_WIDTH,
            export->task, vcpu + 1u, vcpu, interrupt ? 'h' : '.', us / 1000000, us % 1000000);
}

static void put_step(void *context, const struct rs_nest_step *step)
{
    struct rs_export *export = context;
    bool interrupt = step->event && in_interrupt(step->event);
    char name[RS_EXPORT_NAME_MAX];

    switch (step->kind) {
    case RS_NEST_ENTER:
        rs_export_name(step->event, name, sizeof(name));
        put_head(export, step->vcpu, interrupt, step->ns);
        fprintf(export->file, "tracing_mark_write: B|%u|%s\n", step->vcpu + 1u, name);
        break;
    case RS_NEST_CUT:
    case RS_NEST_RETURN:
        put_head(export, step->vcpu, interrupt, step->ns);
        fprintf(export->file, "tracing_mark_write: E|%u\n", step->vcpu + 1u);
        break;
    case RS_NEST_STRAY:
    case RS_NEST_USER_BEGIN:
    case RS_NEST_USER_END:
        break;
    }
}

static void put_bits(FILE *file, const struct rs_export_bits *bits, uint64_t value)
{
    const char *separator = "";

    for (unsigned bit = 0; bit < bits->count; bit++) {
        if (!(value >> bit & 1) || !bits->names[bit])
            continue;
        fprintf(file, "%s%s", separator, bits->names[bit]);
        separator = "|";
    }
}

/* name=value as the kernel's events have them: addresses and what has bits in hexadecimal. */
static void put_field(void *context, const struct rs_event *event,
                      const struct rs_export_field *field)
{
    const struct rs_export_bits *bits = rs_export_bits(field->name);
    const char *name = field->is_array ? NULL : rs_export_value_name(event, field);
    bool bytes = field->is_array && field->element_size == 1;
    FILE *file = context;

    fprintf(file, " %s=", field->name);
    if (bits) {
        put_bits(file, bits, rs_export_element(field, 0));
        return;
    }
    for (unsigned i = 0; i < (field->is_array ? field->length : 1); i++)
        if (bytes)
            fprintf(file, "%02x", (unsigned)rs_export_element(field, i));
        else
            fprintf(file, rs_export_decimal(field->base) ? "%s%" PRIu64 : "%s0x%" PRIx64,
                    i ? "," : "", rs_export_element(field, i));
    if (name)
        fprintf(file, " %s_name=%s", field->name, name);
}

/* ringscope_nmi: handling=... */
static void put_own(FILE *file, const struct rs_event *event)
{
    fputs("ringscope_", file);
    for (const char *at = rs_export_kind(event); *at; at++)
        fputc(tolower((unsigned char)*at), file);
    fputc(':', file);
    rs_export_fields(event, put_field, file);
}

static void put_sys_enter(FILE *file, const struct rs_event *event)
{
    unsigned count = rs_service_argument_count(event->code);

    fprintf(file, "sys_enter: NR %" PRIu32 " (", event->code);
    for (unsigned i = 0; i < count && i < RS_EVENT_ARGS; i++)
        fprintf(file, "%s%" PRIx64, i ? ", " : "", event->args[i]);
    fputc(')', file);
}

static void put_exception(FILE *file, const struct rs_event *event)
{
    if (event->vector != RS_VECTOR_PF) {
        put_own(file, event);
        return;
    }
    fprintf(file, "page_fault_%s: address=0x%" PRIx64 " ip=0x%" PRIx64 " error_code=0x%" PRIx32,
            event->from_cpl ? "user" : "kernel", event->cr2, event->from_rip, event->error_code);
}

static void put_irq(FILE *file, const struct rs_event *event, const char *what)
{
    const char *name = rs_vector_name(event->vector);

    fprintf(file, "irq_handler_%s: irq=%u ", what, event->vector);
    if (event->kind == RS_EVENT_IRET)
        fputs("ret=handled", file);
    else
        fprintf(file, "name=%s", name ? name : "?");
}

/* What the kernel has a trace event for is written as the kernel does it. */
static void put_body(FILE *file, const struct rs_event *event)
{
    switch (event->kind) {
    case RS_EVENT_SYSCALL:
        put_sys_enter(file, event);
        break;
    case RS_EVENT_SYSRET:
        fprintf(file, "sys_exit: NR %" PRIu32 " = %" PRId32, event->entry_code,
                (int32_t)event->code);
        break;
    case RS_EVENT_EXCEPTION:
        put_exception(file, event);
        break;
    case RS_EVENT_INTERRUPT:
        put_irq(file, event, "entry");
        break;
    case RS_EVENT_IRET:
        if (event->entry_kind == RS_EVENT_INTERRUPT)
            put_irq(file, event, "exit");
        else
            put_own(file, event);
        break;
    case RS_EVENT_WRMSR:
    case RS_EVENT_RDMSR:
        fprintf(file, "%s_msr: %" PRIx32 ", value %" PRIx64,
                event->kind == RS_EVENT_WRMSR ? "write" : "read", event->code, event->value);
        break;
    default:
        put_own(file, event);
    }
}

/* The kernel's events have no place for it. */
static void put_deviations(struct rs_export *export, const struct rs_event *event, uint64_t ns)
{
    if (!event->deviations)
        return;
    put_head(export, event->vcpu, in_interrupt(event), ns);
    fprintf(export->file,
            "ringscope_deviation: kind=%s sequence=%" PRIu64 " deviations=", rs_export_kind(event),
            event->sequence);
    put_bits(export->file, rs_export_bits("deviations"), event->deviations);
    fprintf(export->file, " repaired=%d\n", (event->flags & RS_EVENT_REPAIRED) != 0);
}

static void begin(struct rs_export *export)
{
    struct rs_ctf_variable program;
    size_t size = 0;

    export->nest.put = put_step;
    export->nest.context = export;
    rs_ctf_environment_find(export->trace->environment, "program", &program);
    for (; size < program.size && size + 1 < sizeof(export->task); size++)
        export->task[size] = program.value[size];
    for (size_t i = 0; i < size; i++)
        if (!isalnum((unsigned char)export->task[i]))
            export->task[i] = '_';
    if (size == 0)
        strcpy(export->task, "guest");
    fputs("# tracer: nop\n", export->file);
    if (export->trace->emulated)
        fputs("#\n# emulated host: times mean nothing on real hardware\n", export->file);
    fputs(header, export->file);
}

static void put_event(struct rs_export *export, const struct rs_event *event)
{
    uint64_t ns = rs_nest_time(&export->nest, event->vcpu, rs_export_ns(export, event->tsc_exit));
    bool entry = rs_event_direction(event->kind) == RS_DIRECTION_ENTRY;

    if (!entry)
        rs_nest_event(&export->nest, event, ns, ns);
    put_head(export, event->vcpu, in_interrupt(event), ns);
    put_body(export->file, event);
    fputc('\n', export->file);
    put_deviations(export, event, ns);
    if (entry)
        rs_nest_event(&export->nest, event, ns, ns);
}

static void end(struct rs_export *export)
{
    rs_nest_end(&export->nest, export->last_ns);
}

const struct rs_export_format rs_export_ftrace = {"ftrace", begin, put_event, end, NULL};
