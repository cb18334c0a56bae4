/* SPDX-License-Identifier: MIT
 * `ringscope report A B`: two traces side by side. */
#include "report.h"
#include "trace/median.h"

#include <inttypes.h>

static void put_trace(FILE *file, char letter, const struct rs_digest *digest)
{
    fprintf(file, "%c: %s, %" PRIu64 " events, %" PRIu64 " discarded%s\n", letter, digest->path,
            digest->summary->events, digest->discarded,
            digest->emulated ? "; emulated host: its times mean nothing on real hardware" : "");
}

static void put_text(const struct rs_table *table, const struct rs_digest *a,
                     const struct rs_digest *b, FILE *file)
{
    put_trace(file, 'A', a);
    put_trace(file, 'B', b);
    rs_table_text(table, file);
    fprintf(file,
            "low to high: 95 %% confidence interval of the ratio of the medians, from order "
            "statistics;\n"
            "\"same?\": 1 lies in it, and a difference is not shown; \"too few\": less than %d "
            "returns;\n"
            "it covers chance within these traces, not what else differed between the two runs\n",
            RS_MEDIAN_COUNT_MIN);
}

static json_t *trace_json(const struct rs_digest *digest)
{
    return json_pack("{s:s, s:b, s:I, s:I}", "trace", digest->path, "emulated",
                     (int)digest->emulated, "events", (json_int_t)digest->summary->events,
                     "discarded", (json_int_t)digest->discarded);
}

static int put_json(const struct rs_table *table, const struct rs_digest *a,
                    const struct rs_digest *b, FILE *file)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < table->row_count; i++)
        json_array_append_new(rows, rs_table_json_row(table, table->order[i]));
    return rs_report_dump(json_pack("{s:i, s:o, s:o, s:f, s:o}", "schema", RS_REPORT_SCHEMA, "a",
                                    trace_json(a), "b", trace_json(b), "confidence",
                                    RS_MEDIAN_RATIO_LEVEL, "rows", rows),
                          file);
}

int rs_compare_print(const struct rs_report_options *options, const struct rs_digest *a,
                     const struct rs_digest *b, FILE *file, struct rs_error *error)
{
    struct rs_table table;
    int result = 0;

    if (rs_compare_table(&table, options, a, b, error) != 0)
        return -1;
    if (options->format == RS_REPORT_JSON)
        result = put_json(&table, a, b, file);
    else if (options->format == RS_REPORT_CSV)
        rs_table_csv(&table, file);
    else
        put_text(&table, a, b, file);
    rs_table_close(&table);
    return result;
}
