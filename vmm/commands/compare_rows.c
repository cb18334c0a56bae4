/* SPDX-License-Identifier: MIT
 * `ringscope report A B`: the columns of two traces side by side. */
#include "report.h"
#include "trace/counts.h"
#include "trace/median.h"

/* One transition that is in at least one of the traces. */
struct pair {
    const struct rs_summary_row *a, *b; /* the other trace's may be NULL */
    const struct rs_clock *a_clock, *b_clock;
    struct rs_median_ratio medians;
    bool spans; /* both have some */
};

/*
 * T(name, title, value)         text
 * N(name, title, side, value)   a number of events of the trace a or b
 * S(name, title, side, value)   ticks of its spans
 * R(name, title, there, value)  a ratio
 */
#define COMPARE_COLUMNS(T, N, S, R)                                                                \
    T(kind, "kind", rs_report_kind((pair->a ? pair->a : pair->b)->kind))                           \
    T(name, "transition", name)                                                                    \
    N(calls_a, "calls A", a, row->calls)                                                           \
    N(calls_b, "calls B", b, row->calls)                                                           \
    N(errors_a, "errors A", a, row->errors)                                                        \
    N(errors_b, "errors B", b, row->errors)                                                        \
    N(deviations_a, "deviations A", a, row->deviations.events)                                     \
    N(deviations_b, "deviations B", b, row->deviations.events)                                     \
    N(returns_a, "returns A", a, row->spans.count)                                                 \
    N(returns_b, "returns B", b, row->spans.count)                                                 \
    S(p50_a, "p50 A us", a, rs_histogram_quantile(&row->spans, 500))                               \
    S(p50_b, "p50 B us", b, rs_histogram_quantile(&row->spans, 500))                               \
    S(p99_a, "p99 A us", a, rs_histogram_quantile(&row->spans, 990))                               \
    S(p99_b, "p99 B us", b, rs_histogram_quantile(&row->spans, 990))                               \
    S(total_a, "total A us", a, row->spans.total)                                                  \
    S(total_b, "total B us", b, row->spans.total)                                                  \
    R(ratio, "p50 B/A", pair->spans, pair->medians.ratio)                                          \
    R(ratio_low, "low", pair->medians.known, pair->medians.low)                                    \
    R(ratio_high, "high", pair->medians.known, pair->medians.high)                                 \
    T(verdict, "B is", verdict(pair))

static const struct rs_column columns[] = {
#define T(name, title, value) {#name, #name, title, RS_CELL_TEXT},
#define N(name, title, side, value) {#name, #name, title, RS_CELL_COUNT},
#define S(name, title, side, value) {#name, #name "_ns", title, RS_CELL_TIME},
#define R(name, title, there, value) {#name, #name, title, RS_CELL_RATIO},
    COMPARE_COLUMNS(T, N, S, R)
#undef T
#undef N
#undef S
#undef R
};

_Static_assert(sizeof(columns) / sizeof(columns[0]) <= RS_TABLE_COLUMNS_MAX,
               "RS_TABLE_COLUMNS_MAX");

const struct rs_columns rs_compare_columns = {
    .list = columns,
    .count = sizeof(columns) / sizeof(columns[0]),
    .shown = "calls_a,calls_b,p50_a,p50_b,ratio,ratio_low,ratio_high,verdict,name",
    .sort = "total_a",
};

/* A difference is told only when no change is outside of the interval. */
static const char *verdict(const struct pair *pair)
{
    if (!pair->a)
        return "only B";
    if (!pair->b)
        return "only A";
    if (!pair->spans)
        return "";
    if (!pair->medians.known)
        return "too few";
    return pair->medians.low > 1 ? "slower" : pair->medians.high < 1 ? "faster" : "same?";
}

static void fill(struct rs_table_row *to, const struct pair *pair)
{
    const struct rs_summary_row *row = pair->a ? pair->a : pair->b;
    struct rs_cell *cell = to->cells;
    const char *name = to->name;

    rs_counts_name(row->kind, row->key, to->name, sizeof(to->name));
#define T(column, title, value) *cell++ = (struct rs_cell){.filled = true, .text = (value)};
#define N(column, title, side, value)                                                              \
    row = pair->side;                                                                              \
    *cell++ = row ? (struct rs_cell){.filled = true, .number = (value)} : (struct rs_cell){0};
#define S(column, title, side, value)                                                              \
    row = pair->side;                                                                              \
    *cell++ =                                                                                      \
        row && row->spans.count                                                                    \
            ? (struct rs_cell){.filled = true, .number = rs_clock_ns(pair->side##_clock, value)}   \
            : (struct rs_cell){0};
#define R(column, title, there, value)                                                             \
    *cell++ = (there) ? (struct rs_cell){.filled = true, .ratio = (value)} : (struct rs_cell){0};
    COMPARE_COLUMNS(T, N, S, R)
#undef T
#undef N
#undef S
#undef R
}

/* Ticks of two machines are not of one length. */
static void compare_medians(struct pair *pair)
{
    double scale = (double)pair->a_clock->tsc_hz / (double)pair->b_clock->tsc_hz;

    pair->spans = pair->a && pair->b && pair->a->spans.count && pair->b->spans.count;
    if (!pair->spans)
        return;
    pair->medians = rs_median_compare(&pair->a->spans, &pair->b->spans);
    pair->medians.ratio *= scale;
    pair->medians.low *= scale;
    pair->medians.high *= scale;
}

static void add(struct rs_table *table, const struct rs_digest *a, const struct rs_digest *b,
                const struct rs_summary_row *in_a, const struct rs_summary_row *in_b)
{
    struct pair pair = {.a = in_a, .b = in_b, .a_clock = &a->clock, .b_clock = &b->clock};

    compare_medians(&pair);
    fill(&table->rows[table->row_count++], &pair);
}

int rs_compare_table(struct rs_table *table, const struct rs_report_options *options,
                     const struct rs_digest *a, const struct rs_digest *b, struct rs_error *error)
{
    const char *shown = options->format == RS_REPORT_TEXT ? rs_compare_columns.shown : NULL;

    if (rs_table_open(table, &rs_compare_columns, a->summary->used + b->summary->used, error) != 0)
        return -1;
    for (size_t i = 0; i < a->summary->used; i++) {
        const struct rs_summary_row *row = &a->summary->rows[i];

        add(table, a, b, row, rs_summary_find(b->summary, row->kind, row->key));
    }
    for (size_t i = 0; i < b->summary->used; i++) {
        const struct rs_summary_row *row = &b->summary->rows[i];

        if (!rs_summary_find(a->summary, row->kind, row->key))
            add(table, a, b, NULL, row);
    }
    if (rs_table_select(table, options->columns ? options->columns : shown, error) == 0 &&
        rs_table_sort(table, options->sort, error) == 0)
        return 0;
    rs_table_close(table);
    return -1;
}
