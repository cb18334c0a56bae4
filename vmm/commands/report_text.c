/* SPDX-License-Identifier: MIT
 * `ringscope report`: the table. */
#include "report.h"

#include "trace/counts.h"

#include <inttypes.h>

#define COLUMN "%12.3f "
#define SPAN_COLUMNS_WIDTH (7 * 13)

static double microseconds(const struct rs_ctf_reader *reader, uint64_t ticks)
{
    return (double)rs_clock_ns(&reader->clock, ticks) / 1e3;
}

static void put_row(const struct rs_ctf_reader *reader, const struct rs_summary_row *row,
                    FILE *file)
{
    const struct rs_histogram *spans = &row->spans;
    char name[64];

    rs_counts_name(row->kind, row->key, name, sizeof(name));
    fprintf(file, "%10" PRIu64 " %8" PRIu64 " ", row->calls, row->errors);
    if (spans->count == 0) {
        fprintf(file, "%*s%s\n", SPAN_COLUMNS_WIDTH, "", name);
        return;
    }
    fprintf(file, COLUMN, microseconds(reader, spans->min));
#define X(quantile, per_mille, title)                                                              \
    fprintf(file, COLUMN, microseconds(reader, rs_histogram_quantile(spans, per_mille)));
    RS_REPORT_QUANTILES(X)
#undef X
    fprintf(file, COLUMN COLUMN "%s\n", microseconds(reader, spans->max),
            microseconds(reader, spans->total), name);
}

void rs_report_text(const struct rs_ctf_reader *reader, const struct rs_summary *summary,
                    FILE *file)
{
    uint64_t deviations = 0;

    if (reader->emulated)
        fprintf(file, "emulated host: these times mean nothing on real hardware\n");
    fprintf(file, "%10s %8s %12s ", "calls", "errors", "min us");
#define X(quantile, per_mille, title) fprintf(file, "%12s ", title);
    RS_REPORT_QUANTILES(X)
#undef X
    fprintf(file, "%12s %12s transition\n", "max", "total");
    for (size_t i = 0; i < summary->used; i++) {
        put_row(reader, &summary->rows[i], file);
        deviations += summary->rows[i].deviations;
    }
    fprintf(file, "%" PRIu64 " events, %" PRIu64 " discarded, %" PRIu64 " depart from the SDM\n",
            summary->events, reader->discarded, deviations);
    if (summary->other)
        fprintf(file, "%" PRIu64 " events beyond %d different transitions are not in the table\n",
                summary->other, RS_SUMMARY_ROWS);
}
