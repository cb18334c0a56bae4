/* SPDX-License-Identifier: MIT
 * `ringscope report`: the columns of one trace. */
#include "report.h"
#include "trace/counts.h"

#include <string.h>

/*
 * T(name, title, value)  text
 * N(name, title, value)  a number of events
 * S(name, title, value)  ticks of the row's spans, printed as time; none without a return
 */
#define REPORT_COLUMNS(T, N, S)                                                                    \
    T(kind, "kind", rs_report_kind(row->kind))                                                     \
    T(name, "transition", name)                                                                    \
    N(key, "key", row->key)                                                                        \
    N(calls, "calls", row->calls)                                                                  \
    N(errors, "errors", row->errors)                                                               \
    N(open, "open", rs_summary_open(row))                                                          \
    N(returns, "returns", row->spans.count)                                                        \
    S(min, "min us", row->spans.min)                                                               \
    S(p50, "p50 us", rs_histogram_quantile(&row->spans, 500))                                      \
    S(p90, "p90 us", rs_histogram_quantile(&row->spans, 900))                                      \
    S(p99, "p99 us", rs_histogram_quantile(&row->spans, 990))                                      \
    S(p999, "p99.9 us", rs_histogram_quantile(&row->spans, 999))                                   \
    S(max, "max us", row->spans.max)                                                               \
    S(total, "total us", row->spans.total)                                                         \
    N(deviations, "deviations", row->deviations.events)                                            \
    N(repaired, "repaired", row->deviations.repaired)

static const struct rs_column columns[] = {
#define T(name, title, value) {#name, #name, title, RS_CELL_TEXT},
#define N(name, title, value) {#name, #name, title, RS_CELL_COUNT},
#define S(name, title, value) {#name, #name "_ns", title, RS_CELL_TIME},
#define X(name, text) {#name, #name, #name, RS_CELL_COUNT},
    REPORT_COLUMNS(T, N, S) RS_DEVIATIONS(X)
#undef T
#undef N
#undef S
#undef X
};

_Static_assert(sizeof(columns) / sizeof(columns[0]) <= RS_TABLE_COLUMNS_MAX,
               "RS_TABLE_COLUMNS_MAX");

const struct rs_columns rs_report_columns = {
    .list = columns,
    .count = sizeof(columns) / sizeof(columns[0]),
    .shown = "calls,errors,open,min,p50,p90,p99,p999,max,total,name",
    .sort = "total",
};

static void fill(struct rs_table_row *to, const struct rs_summary_row *row,
                 const struct rs_clock *clock)
{
    struct rs_cell *cell = to->cells;
    const char *name = to->name;
    bool returns = row->spans.count > 0;

    to->source = row;
    rs_counts_name(row->kind, row->key, to->name, sizeof(to->name));
#define T(column, title, value) *cell++ = (struct rs_cell){.filled = true, .text = (value)};
#define N(column, title, value) *cell++ = (struct rs_cell){.filled = true, .number = (value)};
#define S(column, title, value)                                                                    \
    *cell++ = (struct rs_cell){.filled = returns, .number = rs_clock_ns(clock, value)};
#define X(column, text) N(column, text, row->deviations.bits[RS_DEVIATION_BIT_##column])
    REPORT_COLUMNS(T, N, S)
    RS_DEVIATIONS(X)
#undef T
#undef N
#undef S
#undef X
}

const char *rs_report_kind(unsigned kind)
{
    static const char *const kinds[] = {
#define X(kind, group, direction, text) text,
        RS_EVENT_KINDS(X)
#undef X
    };

    return kind < RS_EVENT_KIND_COUNT ? kinds[kind] : "?";
}

int rs_report_table(struct rs_table *table, const struct rs_report_options *options,
                    const struct rs_digest *digest, struct rs_error *error)
{
    const struct rs_summary *summary = digest->summary;
    const char *shown = options->format == RS_REPORT_TEXT ? rs_report_columns.shown : NULL;

    if (rs_table_open(table, &rs_report_columns, summary->used, error) != 0)
        return -1;
    for (size_t i = 0; i < summary->used; i++)
        fill(&table->rows[table->row_count++], &summary->rows[i], &digest->clock);
    if (rs_table_select(table, options->columns ? options->columns : shown, error) == 0 &&
        rs_table_sort(table, options->sort, error) == 0)
        return 0;
    rs_table_close(table);
    return -1;
}
