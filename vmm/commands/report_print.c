/* SPDX-License-Identifier: MIT
 * `ringscope report`: one trace, as text, CSV or JSON. */
#include "report.h"

#include <inttypes.h>

static void put_totals(const struct rs_digest *digest, FILE *file)
{
    const struct rs_summary *summary = digest->summary;
    char time[RS_REPORT_TIME_SIZE];

    rs_report_time(rs_clock_ns(&digest->clock, digest->end - digest->start), time);
    fprintf(file, "%" PRIu64 " events in %s, %" PRIu64 " discarded", summary->events, time,
            digest->discarded);
    if (digest->ring_size)
        fprintf(file, ", %" PRIu64 " older ones overwritten", digest->overwritten);
    fprintf(file, "\n");
    if (summary->other)
        fprintf(file, "%" PRIu64 " events beyond %d different transitions are not in the table\n",
                summary->other, RS_SUMMARY_ROWS);
    rs_report_deviations(summary, file);
}

static int put_text(const struct rs_report_options *options, const struct rs_table *table,
                    const struct rs_digest *digest, FILE *file, struct rs_error *error)
{
    if (digest->emulated)
        fprintf(file, "emulated host: these times mean nothing on real hardware\n");
    rs_table_text(table, file);
    put_totals(digest, file);
    if (options->histogram)
        rs_report_histograms(table, digest, file);
    return options->slowest ? rs_report_slowest(digest, file, error) : 0;
}

static json_t *rows_json(const struct rs_report_options *options, const struct rs_table *table,
                         const struct rs_digest *digest)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < table->row_count; i++) {
        const struct rs_summary_row *source = table->order[i]->source;
        json_t *row = rs_table_json_row(table, table->order[i]);

        if (options->histogram)
            json_object_set_new(row, "histogram", rs_report_histogram_json(digest, &source->spans));
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *kinds_json(const struct rs_summary *summary)
{
    json_t *object = json_object();

    for (unsigned kind = 0; kind < RS_EVENT_KIND_COUNT; kind++)
        json_object_set_new(object, rs_report_kind(kind),
                            json_integer((json_int_t)summary->kinds[kind]));
    return object;
}

static int put_json(const struct rs_report_options *options, const struct rs_table *table,
                    const struct rs_digest *digest, FILE *file, struct rs_error *error)
{
    json_t *slowest = options->slowest ? rs_report_slowest_json(digest, error) : NULL;
    json_t *root;

    if (options->slowest && !slowest)
        return -1;
    root = json_pack(
        "{s:i, s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "schema", RS_REPORT_SCHEMA,
        "trace", digest->path, "emulated", (int)digest->emulated, "events",
        (json_int_t)digest->summary->events, "duration_ns",
        (json_int_t)rs_clock_ns(&digest->clock, digest->end - digest->start), "discarded",
        (json_int_t)digest->discarded, "overwritten", (json_int_t)digest->overwritten,
        "unsound_packets", (json_int_t)digest->faults.count, "not_in_rows",
        (json_int_t)digest->summary->other, "kinds", kinds_json(digest->summary), "deviations",
        rs_report_deviations_json(digest->summary), "rows", rows_json(options, table, digest));
    if (root && slowest)
        json_object_set_new(root, "slowest", slowest);
    return rs_report_dump(root, file);
}

int rs_report_dump(json_t *root, FILE *file)
{
    int result = root ? json_dumpf(root, file, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) : -1;

    fputc('\n', file);
    json_decref(root);
    return result == 0 ? 0 : 1;
}

int rs_report_print(const struct rs_report_options *options, const struct rs_digest *digest,
                    FILE *file, struct rs_error *error)
{
    struct rs_table table;
    int result = 0;

    if (rs_report_table(&table, options, digest, error) != 0)
        return -1;
    if (options->format == RS_REPORT_JSON)
        result = put_json(options, &table, digest, file, error);
    else if (options->format == RS_REPORT_CSV)
        rs_table_csv(&table, file);
    else
        result = put_text(options, &table, digest, file, error);
    rs_table_close(&table);
    return result;
}
