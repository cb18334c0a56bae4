/* SPDX-License-Identifier: MIT
 * A result as a table, and as CSV. */
#include "result.h"

#include <inttypes.h>
#include <string.h>

static void print_marks(unsigned bits, FILE *out)
{
    for (unsigned i = 0; i < RS_BENCH_MARK_COUNT; i++)
        if (bits & 1u << i)
            fputc(rs_bench_marks[i].letter, out);
}

static void print_row(const struct rs_bench_result *result, const struct rs_bench_row *row,
                      FILE *out)
{
    const struct rs_bench_statistics *statistics = &row->statistics;
    char interval[64] = "";

    if (row->skipped[0]) {
        fprintf(out, "%-24s %10s  skipped: %s\n", row->name, "-", row->skipped);
        return;
    }
    if (statistics->interval_known)
        snprintf(interval, sizeof(interval), "%.0f..%.0f", statistics->low, statistics->high);
    fprintf(out,
            "%-24s %10.0f %19s %9.0f %10.0f %10.0f %10.0f %10.0f %11.0f %6" PRIu64 " %5" PRIu64
            "  ",
            row->name, statistics->p50, interval, rs_bench_ns(result, statistics->p50),
            statistics->min, statistics->p90, statistics->p99, statistics->p999, statistics->max,
            statistics->n, statistics->outliers);
    print_marks(row->marks, out);
    fprintf(out, "%s%s\n", row->marks ? " " : "", row->title);
}

static void print_checks(const struct rs_bench_result *result, FILE *out)
{
    for (unsigned i = 0; i < result->check_count; i++) {
        const struct rs_bench_check *check = &result->checks[i];

        fprintf(out, "known answer, %s method: %.0f cycles known, %.0f recovered, error %.0f: %s\n",
                check->method, check->known, check->recovered, check->error,
                check->ok ? "ok" : "NOT RECOVERED");
    }
    if (!rs_bench_result_valid(result))
        fprintf(out, "THE RUN IS NOT VALID\n");
    for (unsigned i = 0; i < result->sum_count; i++) {
        const struct rs_bench_sum *sum = &result->sums[i];

        fprintf(out,
                "phases, %s: their medians add up to %.0f cycles, the call without stamps takes "
                "%.0f, error %.0f: %s\n",
                sum->variant, sum->phases, sum->round_trip, sum->error,
                sum->agrees ? "they agree" : "THEY DIFFER");
    }
}

static void print_legend(const struct rs_bench_result *result, FILE *out)
{
    unsigned used = 0;

    for (size_t i = 0; i < result->row_count; i++)
        used |= result->rows[i].marks;
    for (unsigned i = 0; i < RS_BENCH_MARK_COUNT; i++)
        if (used & 1u << i)
            fprintf(out, "%c  %s\n", rs_bench_marks[i].letter, rs_bench_marks[i].text);
}

static void print_method(const struct rs_bench_result *result, FILE *out)
{
    fprintf(out,
            "method: LFENCE RDTSC LFENCE at both ends, less the same with nothing between; one "
            "pinned thread; warm-up\n"
            "until two batches agree within 5 %%; %u boots x %u runs x %u samples, guest and host "
            "by turns; in brackets the\n"
            "95 %% interval of the median, by a bootstrap over the runs; outliers are beyond 3 "
            "interquartile ranges, and stay in\n",
            result->boots, result->runs, result->samples);
}

static void print_fingerprint(const struct rs_bench_result *result, FILE *out)
{
    for (unsigned i = 0; i < result->fact_count; i++)
        fprintf(out, "%s: %s\n", result->facts[i].key, result->facts[i].value);
    for (unsigned i = 0; i < result->warning_count; i++)
        fprintf(out, "WARNING: %s\n", result->warnings[i].text);
}

int rs_bench_print(const struct rs_bench_result *result, FILE *out)
{
    const char *group = "";

    print_fingerprint(result, out);
    fprintf(out, "\n%-24s %10s %19s %9s %10s %10s %10s %10s %11s %6s %5s\n", "cycles", "p50",
            "[95 % of p50]", "p50 ns", "min", "p90", "p99", "p99.9", "max", "n", "outl.");
    for (size_t i = 0; i < result->row_count; i++) {
        if (i > 0 && strcmp(result->rows[i].group, group) != 0)
            fputc('\n', out);
        group = result->rows[i].group;
        print_row(result, &result->rows[i], out);
    }
    fputc('\n', out);
    print_legend(result, out);
    print_method(result, out);
    print_checks(result, out);
    return fflush(out) == 0 && !ferror(out) ? 0 : -1;
}

/* Fields of other programs' making: quotes are doubled. */
static void print_quoted(const char *text, FILE *out)
{
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

int rs_bench_write_csv(const struct rs_bench_result *result, FILE *out)
{
    fprintf(out, "name,group,variant,n,min,p50,p50_low,p50_high,p90,p99,p99.9,max,p50_ns,outliers,"
                 "marks,skipped,title\n");
    for (size_t i = 0; i < result->row_count; i++) {
        const struct rs_bench_row *row = &result->rows[i];
        const struct rs_bench_statistics *s = &row->statistics;

        fprintf(out, "%s,%s,%s,", row->name, row->group, row->variant);
        if (row->skipped[0]) {
            fprintf(out, ",,,,,,,,,,,,");
        } else {
            fprintf(out, "%" PRIu64 ",%.1f,%.1f,", s->n, s->min, s->p50);
            if (s->interval_known)
                fprintf(out, "%.1f,%.1f,", s->low, s->high);
            else
                fprintf(out, ",,");
            fprintf(out, "%.1f,%.1f,%.1f,%.1f,%.1f,%" PRIu64 ",", s->p90, s->p99, s->p999, s->max,
                    rs_bench_ns(result, s->p50), s->outliers);
            print_marks(row->marks, out);
            fputc(',', out);
        }
        print_quoted(row->skipped, out);
        fputc(',', out);
        print_quoted(row->title, out);
        fputc('\n', out);
    }
    return fflush(out) == 0 && !ferror(out) ? 0 : -1;
}
