/* SPDX-License-Identifier: MIT
 * `ringscope report --slowest`: the longest spans, and what was in them and around them. */
#include "report.h"

#include "nt/services.h"
#include "report_context.h"
#include "trace/counts.h"
#include "trace/text.h"
#include "trace_symbols.h"

#include <inttypes.h>
#include <stdlib.h>

/* What it is read from. */
struct view {
    const struct rs_digest *digest;
    struct rs_ctf_reader reader;
    struct rs_symbols *symbols; /* NULL: addresses are numbers */
};

static int open_view(struct view *view, const struct rs_digest *digest, struct rs_error *error)
{
    view->digest = digest;
    if (rs_ctf_reader_open(&view->reader, digest->path, error) != 0)
        return -1;
    view->symbols = rs_trace_symbols(&view->reader);
    return 0;
}

static void close_view(struct view *view)
{
    rs_symbols_free(view->symbols);
    rs_ctf_reader_close(&view->reader);
}

static uint64_t duration_ns(const struct rs_digest *digest, const struct rs_event *event)
{
    return rs_clock_ns(&digest->clock, rs_event_span(event, digest->empty_span));
}

static void span_name(const struct rs_event *event, char *buffer, size_t size)
{
    rs_counts_name(rs_counts_kind(event), rs_counts_key(event), buffer, size);
}

/* As `trace` prints it, with the time since the trace began. */
static void put_event(const struct view *view, const struct rs_event *event, FILE *file)
{
    const struct rs_digest *digest = view->digest;
    struct rs_text text = {
        .file = file,
        .cpu_count = view->reader.stream_count,
        .symbols = view->symbols,
        .relative = true,
        .durations = true,
        .emulated = digest->emulated,
        .empty_span = digest->empty_span,
        .clock = digest->clock,
        .previous_tsc = digest->start ? digest->start : 1,
    };

    rs_text_event(&text, event);
}

static void put_events(const struct view *view, const char *mark, const struct rs_event *events,
                       size_t count, FILE *file)
{
    for (size_t i = 0; i < count; i++) {
        fputs(mark, file);
        put_event(view, &events[i], file);
    }
}

static void put_span(const struct view *view, size_t number, const struct rs_slow_span *span,
                     const struct rs_context *context, FILE *file)
{
    char name[RS_TABLE_NAME_SIZE], time[RS_REPORT_TIME_SIZE];

    span_name(&span->event, name, sizeof(name));
    rs_report_time(duration_ns(view->digest, &span->event), time);
    fprintf(file, "\nslowest %zu: %s, %s, event %" PRIu64, number, time, name,
            span->event.sequence);
    if (view->reader.stream_count > 1)
        fprintf(file, " of vCPU %u", span->event.vcpu);
    if (context->moved)
        fprintf(file, ", entered on vCPU %u\n", span->event.entry_vcpu);
    else
        fprintf(file, ", %" PRIu64 " transitions in it%s\n", context->nested,
                context->has_longest ? ", the longest:" : "");
    put_events(view, "  ", context->before, context->before_count, file);
    put_events(view, "> ", &context->entry, context->has_entry, file);
    put_events(view, "  ", &context->longest, context->has_longest, file);
    put_events(view, "> ", &span->event, 1, file);
    put_events(view, "  ", context->after, context->after_count, file);
}

int rs_report_slowest(const struct rs_digest *digest, FILE *file, struct rs_error *error)
{
    struct rs_context context;
    struct view view;

    if (open_view(&view, digest, error) != 0)
        return -1;
    for (size_t i = 0; i < digest->slowest.used; i++) {
        rs_context_read(&context, &view.reader, &digest->slowest.spans[i]);
        put_span(&view, i + 1, &digest->slowest.spans[i], &context, file);
    }
    close_view(&view);
    return 0;
}

static json_t *lines_json(const struct view *view, const struct rs_event *events, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++) {
        char *line = NULL;
        size_t size = 0;
        FILE *file = open_memstream(&line, &size);

        if (!file)
            break;
        put_event(view, &events[i], file);
        if (fclose(file) == 0 && size > 0)
            json_array_append_new(array, json_stringn(line, size - 1));
        free(line);
    }
    return array;
}

/* What the entry was called with: arguments of a service, and where it came from. */
static json_t *entry_json(const struct rs_digest *digest, const struct rs_event *entry)
{
    json_t *args = json_array();
    char address[32];

    for (unsigned i = 0; entry->kind == RS_EVENT_SYSCALL && i < RS_EVENT_ARGS &&
                         i < rs_service_argument_count(entry->code);
         i++) {
        snprintf(address, sizeof(address), "%#" PRIx64, entry->args[i]);
        json_array_append_new(args, json_string(address));
    }
    snprintf(address, sizeof(address), "%#" PRIx64, entry->from_rip);
    return json_pack("{s:I, s:I, s:s, s:o}", "sequence", (json_int_t)entry->sequence, "at_ns",
                     (json_int_t)rs_clock_ns(&digest->clock, entry->tsc_exit - digest->start),
                     "from_rip", address, "args", args);
}

static json_t *longest_json(const struct rs_digest *digest, const struct rs_event *longest)
{
    char name[RS_TABLE_NAME_SIZE];

    span_name(longest, name, sizeof(name));
    return json_pack("{s:s, s:I}", "name", name, "duration_ns",
                     (json_int_t)duration_ns(digest, longest));
}

static json_t *status_json(const struct rs_event *event)
{
    const char *name = rs_service_result_name(event->entry_code, event->code);
    char number[16];

    if (event->kind != RS_EVENT_SYSRET)
        return json_null();
    snprintf(number, sizeof(number), "%#" PRIx32, event->code);
    return json_string(name ? name : number);
}

static json_t *span_json(const struct view *view, const struct rs_slow_span *span,
                         const struct rs_context *context)
{
    const struct rs_digest *digest = view->digest;
    char name[RS_TABLE_NAME_SIZE];

    span_name(&span->event, name, sizeof(name));
    return json_pack("{s:s, s:s, s:I, s:i, s:I, s:o, s:o, s:I, s:o, s:o, s:o}", "kind",
                     rs_report_kind(rs_counts_kind(&span->event)), "name", name, "duration_ns",
                     (json_int_t)duration_ns(digest, &span->event), "stream", (int)span->stream,
                     "sequence", (json_int_t)span->event.sequence, "status",
                     status_json(&span->event), "entry",
                     context->has_entry ? entry_json(digest, &context->entry) : json_null(),
                     "nested", (json_int_t)context->nested, "longest_nested",
                     context->has_longest ? longest_json(digest, &context->longest) : json_null(),
                     "before", lines_json(view, context->before, context->before_count), "after",
                     lines_json(view, context->after, context->after_count));
}

json_t *rs_report_slowest_json(const struct rs_digest *digest, struct rs_error *error)
{
    struct rs_context context;
    struct view view;
    json_t *array;

    if (open_view(&view, digest, error) != 0)
        return NULL;
    array = json_array();
    for (size_t i = 0; i < digest->slowest.used; i++) {
        rs_context_read(&context, &view.reader, &digest->slowest.spans[i]);
        json_array_append_new(array, span_json(&view, &digest->slowest.spans[i], &context));
    }
    close_view(&view);
    return array;
}
