/* SPDX-License-Identifier: MIT
 * `ringscope report --json`: the same for programs. docs/trace-format.md tells the members. */
#include "report.h"

#include "trace/counts.h"

#include <jansson.h>

static json_t *span_object(const struct rs_ctf_reader *reader, const struct rs_histogram *spans)
{
    json_t *object = json_object();

#define PUT(name, ticks)                                                                           \
    json_object_set_new(object, name, json_integer((json_int_t)rs_clock_ns(&reader->clock, ticks)))
    PUT("min", spans->min);
#define X(quantile, per_mille, title) PUT(#quantile, rs_histogram_quantile(spans, per_mille));
    RS_REPORT_QUANTILES(X)
#undef X
    PUT("max", spans->max);
    PUT("total", spans->total);
#undef PUT
    json_object_set_new(object, "count", json_integer((json_int_t)spans->count));
    return object;
}

static json_t *row_object(const struct rs_ctf_reader *reader, const struct rs_summary_row *row)
{
    static const char *const kinds[] = {
#define X(kind, group, direction, text) text,
        RS_EVENT_KINDS(X)
#undef X
    };
    char name[64];

    rs_counts_name(row->kind, row->key, name, sizeof(name));
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:o}", "kind",
                     row->kind < RS_EVENT_KIND_COUNT ? kinds[row->kind] : "?", "name", name, "key",
                     (json_int_t)row->key, "calls", (json_int_t)row->calls, "errors",
                     (json_int_t)row->errors, "deviations", (json_int_t)row->deviations, "span_ns",
                     span_object(reader, &row->spans));
}

static json_t *kind_object(const struct rs_summary *summary)
{
    json_t *object = json_object();

#define X(kind, group, direction, text)                                                            \
    json_object_set_new(object, text, json_integer((json_int_t)summary->kinds[RS_EVENT_##kind]));
    RS_EVENT_KINDS(X)
#undef X
    return object;
}

int rs_report_json(const struct rs_ctf_reader *reader, const struct rs_summary *summary, FILE *file)
{
    json_t *rows = json_array();
    json_t *root;
    int result;

    for (size_t i = 0; i < summary->used; i++)
        json_array_append_new(rows, row_object(reader, &summary->rows[i]));
    root = json_pack("{s:i, s:b, s:I, s:I, s:I, s:o, s:o}", "schema", 1, "emulated",
                     (int)reader->emulated, "events", (json_int_t)summary->events, "discarded",
                     (json_int_t)reader->discarded, "not_in_rows", (json_int_t)summary->other,
                     "kinds", kind_object(summary), "rows", rows);
    if (!root)
        return -1;
    result = json_dumpf(root, file, JSON_INDENT(2));
    fputc('\n', file);
    json_decref(root);
    return result;
}
