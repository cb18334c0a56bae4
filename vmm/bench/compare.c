/* SPDX-License-Identifier: MIT
 * Two results side by side. */
#include "compare.h"

#include <jansson.h>
#include <string.h>

static const char *const verdicts[] = {
#define X(name, text) text,
    RS_BENCH_VERDICTS(X)
#undef X
};

enum rs_bench_verdict rs_bench_verdict(const struct rs_bench_ratio *ratio)
{
    if (!ratio->known)
        return RS_BENCH_FEW;
    return ratio->low > 1 ? RS_BENCH_SLOWER : ratio->high < 1 ? RS_BENCH_FASTER : RS_BENCH_SAME;
}

static const char *fact(const struct rs_bench_result *result, const char *key)
{
    for (unsigned i = 0; i < result->fact_count; i++)
        if (strcmp(result->facts[i].key, key) == 0)
            return result->facts[i].value;
    return "-";
}

/* Those that always differ say nothing. */
static bool is_told(const char *key)
{
    return strcmp(key, "date") != 0 && strcmp(key, "load") != 0 && strcmp(key, "ring 0") != 0;
}

static void print_differences(const struct rs_bench_result *a, const struct rs_bench_result *b,
                              FILE *out)
{
    for (unsigned i = 0; i < a->fact_count; i++) {
        const char *key = a->facts[i].key;

        if (is_told(key) && strcmp(fact(b, key), a->facts[i].value) != 0)
            fprintf(out, "%s differs: A %s; B %s\n", key, a->facts[i].value, fact(b, key));
    }
    for (unsigned i = 0; i < b->fact_count; i++) {
        const char *key = b->facts[i].key;

        if (is_told(key) && strcmp(fact(a, key), "-") == 0)
            fprintf(out, "%s differs: A -; B %s\n", key, b->facts[i].value);
    }
}

static void print_row(const struct rs_bench_row *a, const struct rs_bench_row *b, FILE *out)
{
    struct rs_bench_ratio ratio;
    char interval[64] = "";

    if (!b || a->skipped[0] || b->skipped[0]) {
        fprintf(out, "%-24s %s\n", a->name, b ? "skipped in one of them" : "only in A");
        return;
    }
    ratio = rs_bench_ratio(&a->statistics, &b->statistics);
    if (ratio.known)
        snprintf(interval, sizeof(interval), "%.3f .. %.3f", ratio.low, ratio.high);
    fprintf(out, "%-24s %12.0f %12.0f %8.3f %18s  %s\n", a->name, a->statistics.p50,
            b->statistics.p50, ratio.ratio, interval, verdicts[rs_bench_verdict(&ratio)]);
}

static void print_head(const struct rs_bench_result *result, char letter, const char *name,
                       FILE *out)
{
    fprintf(out, "%c: %s, %s, ringscope %s%s%s\n", letter, name, fact(result, "date"),
            fact(result, "ringscope"),
            rs_bench_result_valid(result) ? "" : "; NOT VALID: its known answer was not recovered",
            result->emulated      ? "; emulated host: its times mean nothing on real hardware"
            : result->interpreted ? "; ring 0 interpreted"
                                  : "");
}

int rs_bench_compare(const struct rs_bench_result *a, const struct rs_bench_result *b,
                     const char *a_name, const char *b_name, FILE *out)
{
    print_head(a, 'A', a_name, out);
    print_head(b, 'B', b_name, out);
    print_differences(a, b, out);
    fprintf(out, "\n%-24s %12s %12s %8s %18s  %s\n", "p50, cycles", "A", "B", "B/A", "[95 %]",
            "B is");
    for (size_t i = 0; i < a->row_count; i++)
        print_row(&a->rows[i], rs_bench_result_find(b, a->rows[i].name), out);
    for (size_t i = 0; i < b->row_count; i++)
        if (!rs_bench_result_find(a, b->rows[i].name))
            fprintf(out, "%-24s only in B\n", b->rows[i].name);
    fprintf(
        out,
        "\n[95 %%]: of the ratio, by a bootstrap over the runs of both; \"same?\": 1 lies in it, "
        "and no difference is shown;\nit covers chance within these measurements, not what "
        "else differed between the two\n");
    return fflush(out) == 0 && !ferror(out) ? 0 : -1;
}

static json_t *row_json(const struct rs_bench_row *a, const struct rs_bench_row *b)
{
    struct rs_bench_ratio ratio = rs_bench_ratio(&a->statistics, &b->statistics);

    return json_pack("{s:s, s:f, s:f, s:f, s:o, s:o, s:s}", "name", a->name, "a_p50_cycles",
                     a->statistics.p50, "b_p50_cycles", b->statistics.p50, "ratio", ratio.ratio,
                     "ratio_low", ratio.known ? json_real(ratio.low) : json_null(), "ratio_high",
                     ratio.known ? json_real(ratio.high) : json_null(), "verdict",
                     verdicts[rs_bench_verdict(&ratio)]);
}

int rs_bench_compare_json(const struct rs_bench_result *a, const struct rs_bench_result *b,
                          const char *a_name, const char *b_name, FILE *out)
{
    json_t *rows = json_array(), *object;
    int status = -1;

    for (size_t i = 0; i < a->row_count; i++) {
        const struct rs_bench_row *of_b = rs_bench_result_find(b, a->rows[i].name);

        if (of_b && !a->rows[i].skipped[0] && !of_b->skipped[0])
            json_array_append_new(rows, row_json(&a->rows[i], of_b));
    }
    object =
        json_pack("{s:i, s:s, s:s, s:b, s:b, s:f, s:o}", "schema", RS_BENCH_SCHEMA, "a", a_name,
                  "b", b_name, "a_valid", (int)rs_bench_result_valid(a), "b_valid",
                  (int)rs_bench_result_valid(b), "level", RS_BOOTSTRAP_LEVEL, "compared", rows);
    if (object)
        status = json_dumpf(object, out, JSON_INDENT(1) | JSON_REAL_PRECISION(10));
    json_decref(object);
    return status == 0 && fputc('\n', out) != EOF && fflush(out) == 0 && !ferror(out) ? 0 : -1;
}
