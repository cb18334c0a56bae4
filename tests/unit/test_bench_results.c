/* SPDX-License-Identifier: MIT
 * Results of `ringscope bench`: gates, comparison, and files that are not what they should be. */
#include "bench/compare.h"
#include "bench/gate.h"
#include "bench/plot.h"
#include "unit.h"

static const char *const good_gates[] = {
    "syscall.p50<1.05*baseline", "syscall.p50 < 1.05 * baseline and nmi.p99.9 <= 500 ns",
    "  int2e.max>=0cycles",      "host-read.min > baseline",
    "syscall-12.p99<100",
};

START_TEST(gates_are_parsed)
{
    struct rs_bench_gate gate;
    struct rs_bench_gate_error error;

    ck_assert_msg(rs_bench_gate_parse(&gate, good_gates[_i], &error) == 0, "%s: %zu: %s",
                  good_gates[_i], error.column, error.message);
}
END_TEST

START_TEST(a_gate_has_what_it_says)
{
    struct rs_bench_gate gate;
    struct rs_bench_gate_error error;

    ck_assert_int_eq(rs_bench_gate_parse(&gate, good_gates[1], &error), 0);
    ck_assert_uint_eq(gate.count, 2);
    ck_assert(gate.uses_baseline);
    ck_assert_str_eq(gate.terms[0].item, "syscall");
    ck_assert_int_eq(gate.terms[0].stat, RS_BENCH_GATE_P50);
    ck_assert_double_eq(gate.terms[0].number, 1.05);
    ck_assert(gate.terms[0].less && !gate.terms[0].equal);
    ck_assert_int_eq(gate.terms[1].stat, RS_BENCH_GATE_P999);
    ck_assert_int_eq(gate.terms[1].unit, RS_BENCH_GATE_NS);
    ck_assert(gate.terms[1].less && gate.terms[1].equal);
}
END_TEST

static const struct {
    const char *text;
    size_t column;
    const char *message; /* part of it */
} bad_gates[] = {
    {"", 0, "an item is wanted"},
    {"sycall.p50<1", 0, "there is no item 'sycall'"},
    {"syscall<1", 7, "a point and a figure"},
    {"syscall.p51<1", 8, "a figure is wanted"},
    {"syscall.p50=1", 11, "one of < <= > >="},
    {"syscall.p50<", 12, "a number or `baseline`"},
    {"syscall.p50<-1", 12, "a number or `baseline`"},
    {"syscall.p50<1.2.3", 12, "this is no number"},
    {"syscall.p50<1.05*", 17, "`baseline` is wanted"},
    {"syscall.p50<1.05*basel", 17, "`baseline` is wanted"},
    {"syscall.p50<1 or nmi.p50<1", 14, "`and` or the end"},
    {"syscall.p50<1 and", 17, "an item is wanted"},
    {"syscall.p50<1ms", 13, "`and` or the end"},
};

START_TEST(what_is_wrong_with_a_gate_is_told_with_its_place)
{
    struct rs_bench_gate gate;
    struct rs_bench_gate_error error;

    ck_assert_int_eq(rs_bench_gate_parse(&gate, bad_gates[_i].text, &error), -1);
    assert_row_eq(bad_gates[_i].text, error.column, bad_gates[_i].column);
    ck_assert_msg(strstr(error.message, bad_gates[_i].message), "%s: %s", bad_gates[_i].text,
                  error.message);
}
END_TEST

START_TEST(too_many_conditions_are_refused)
{
    char text[1024];
    size_t used = 0;
    struct rs_bench_gate gate;
    struct rs_bench_gate_error error;

    for (unsigned i = 0; i <= RS_BENCH_GATE_TERMS_MAX; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%snmi.p50<1", i ? " and " : "");
    ck_assert_int_eq(rs_bench_gate_parse(&gate, text, &error), -1);
    ck_assert_ptr_nonnull(strstr(error.message, "at most"));
}
END_TEST

/* One item, with these run medians; p50 is their middle. */
static struct rs_bench_result make_result(struct rs_bench_row *row, const char *name,
                                          const double *runs, unsigned count)
{
    struct rs_bench_result result = {
        .rows = row,
        .row_count = 1,
        .boots = 1,
        .runs = count,
        .samples = 1,
        .tsc_hz = 2000000000,
        .checks = {{.method = "active", .known = 1, .recovered = 1, .error = 1, .ok = true}},
        .check_count = 1,
    };
    struct rs_bench_sample samples[RS_BENCH_RUNS_MAX];

    memset(row, 0, sizeof(*row));
    snprintf(row->name, sizeof(row->name), "%s", name);
    snprintf(row->group, sizeof(row->group), "%s", "group");
    snprintf(row->variant, sizeof(row->variant), "%s", "plain");
    snprintf(row->title, sizeof(row->title), "%s", "a title, with \"quotes\" and 'more'");
    for (unsigned i = 0; i < count; i++)
        samples[i] = (struct rs_bench_sample){runs[i], i};
    rs_bench_statistics(samples, count, &row->statistics);
    return result;
}

static const double hundred[] = {99, 100, 100, 100, 101, 98, 102, 100, 100};
static const double hundred_ten[] = {109, 110, 110, 110, 111, 108, 112, 110, 110};

static const struct {
    const char *gate;
    bool holds;
} judged[] = {
    {"syscall.p50<111", true},
    {"syscall.p50<110", false},
    {"syscall.p50<=110", true},
    {"syscall.p50>109.9", true},
    {"syscall.p50<56ns", true},
    {"syscall.p50<55ns", false}, /* 110 ticks at 2 GHz */
    {"syscall.p50<1.05*baseline", false},
    {"syscall.p50<1.15*baseline", true},
    {"syscall.max<=112 and syscall.min>=108", true},
    {"syscall.max<=112 and syscall.min>108", false},
    {"nmi.p50<1000000", false}, /* it was not measured */
};

START_TEST(gates_are_judged)
{
    struct rs_bench_row row, before_row;
    struct rs_bench_result result = make_result(&row, "syscall", hundred_ten, 9);
    struct rs_bench_result before = make_result(&before_row, "syscall", hundred, 9);
    struct rs_bench_gate gate;
    struct rs_bench_gate_error error;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    ck_assert_int_eq(rs_bench_gate_parse(&gate, judged[_i].gate, &error), 0);
    assert_row_eq(judged[_i].gate, rs_bench_gate_judge(&gate, &result, &before, out),
                  judged[_i].holds);
    fclose(out);
    ck_assert_int_eq(strstr(text, "DOES NOT HOLD") == NULL, judged[_i].holds);
    free(text);
}
END_TEST

START_TEST(what_was_skipped_does_not_hold)
{
    struct rs_bench_row row;
    struct rs_bench_result result = make_result(&row, "syscall", hundred, 9);
    struct rs_bench_gate gate;
    struct rs_bench_gate_error error;
    FILE *out = fopen("/dev/null", "w");

    snprintf(row.skipped, sizeof(row.skipped), "%s", "no PCID");
    ck_assert_int_eq(rs_bench_gate_parse(&gate, "syscall.p50<1000", &error), 0);
    ck_assert(!rs_bench_gate_judge(&gate, &result, NULL, out));
    fclose(out);
}
END_TEST

static char *compared(const struct rs_bench_result *a, const struct rs_bench_result *b, bool json)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    ck_assert_int_eq(json ? rs_bench_compare_json(a, b, "a", "b", out)
                          : rs_bench_compare(a, b, "a", "b", out),
                     0);
    fclose(out);
    return text;
}

START_TEST(a_verdict_comes_only_when_the_interval_allows_it)
{
    struct rs_bench_row rows[3];
    struct rs_bench_result a = make_result(&rows[0], "syscall", hundred, 9);
    struct rs_bench_result b = make_result(&rows[1], "syscall", hundred_ten, 9);
    struct rs_bench_result few = make_result(&rows[2], "syscall", hundred_ten, 3);
    const struct {
        const struct rs_bench_result *a, *b;
        const char *verdict;
    } cases[] = {{&a, &b, "slower"}, {&b, &a, "faster"}, {&a, &a, "same?"}, {&a, &few, "too few"}};

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char *text = compared(cases[i].a, cases[i].b, false);
        char *json = compared(cases[i].a, cases[i].b, true);

        ck_assert_msg(strstr(text, cases[i].verdict), "%s: %s", cases[i].verdict, text);
        ck_assert_msg(strstr(json, cases[i].verdict), "%s: %s", cases[i].verdict, json);
        free(text);
        free(json);
    }
}
END_TEST

START_TEST(what_is_written_is_read_again)
{
    struct rs_bench_row row;
    struct rs_bench_result result = make_result(&row, "syscall", hundred, 9), again;
    struct rs_error error = {0};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    row.marks = RS_BENCH_MARK(REPAIRED) | RS_BENCH_MARK(NOT_ARCHITECTURAL);
    rs_bench_add_fact(&result, "CPU", "%s", "a processor");
    rs_bench_warn(&result, true, "%s", "something");
    ck_assert_int_eq(rs_bench_write_json(&result, out), 0);
    fclose(out);
    ck_assert_msg(rs_bench_read_json(&again, "x", text, size, &error) == 0, "%s", error.message);
    ck_assert_uint_eq(again.row_count, 1);
    ck_assert_str_eq(again.rows[0].title, row.title);
    ck_assert_uint_eq(again.rows[0].marks, row.marks);
    ck_assert_uint_eq(again.rows[0].statistics.run_count, 9);
    ck_assert_double_eq(again.rows[0].statistics.p50, row.statistics.p50);
    ck_assert_double_eq(again.rows[0].statistics.low, row.statistics.low);
    ck_assert_uint_eq(again.tsc_hz, result.tsc_hz);
    ck_assert(rs_bench_result_valid(&again));
    ck_assert_uint_eq(again.warning_count, 1);
    ck_assert_str_eq(again.facts[0].value, "a processor");

    /* Cut anywhere, it is refused by one line, and never read beyond its end. */
    for (size_t cut = 0; cut + 2 < size; cut += 37) {
        char *copy = malloc(cut + 1);
        struct rs_bench_result other;

        memcpy(copy, text, cut);
        error.message[0] = '\0';
        ck_assert_int_eq(rs_bench_read_json(&other, "x", copy, cut, &error), -1);
        ck_assert(error.message[0] && !strchr(error.message, '\n'));
        ck_assert_int_eq(error.exit_code, RS_EXIT_IMAGE);
        free(copy);
    }
    rs_bench_result_free(&again);
    free(text);
}
END_TEST

#define METHOD "\"method\":{\"boots\":1,\"runs\":1,\"samples\":1,\"tsc_hz\":1000}"
#define HEAD                                                                                       \
    "{\"schema\":1,\"emulated\":false,\"interpreted_ring_0\":false,"                               \
    "\"ring_0_instruction_cost\":1," METHOD ",\"known_answer\":[],\"phase_sums\":[],"              \
    "\"fingerprint\":{},\"warnings\":[],\"items\":"

static const struct {
    const char *text, *message;
} bad_files[] = {
    {"", "line"},
    {"[]", "this is no result"},
    {"{}", "this is no result"},
    {"{\"schema\":\"1\"}", "this is no result"},
    {"{\"schema\":99}", "its schema is 99"},
    {"{\"schema\":1}", "emulated is neither true nor false"},
    {HEAD "7}", "items is not an array"},
    {HEAD "[7]}", "items[0].name is not a string"},
    {HEAD "[{\"name\":\"x\",\"group\":\"g\",\"variant\":\"v\",\"title\":\"t\",\"skipped\":\"\"}]}",
     "items[0].skipped has no reason"},
    {HEAD "[{\"name\":\"x\",\"group\":\"g\",\"variant\":\"v\",\"title\":\"t\",\"skipped\":null}]}",
     "items[0].warm_up_batches is not a number"},
    {HEAD "[{\"name\":\"x\",\"group\":\"g\",\"variant\":\"v\",\"title\":\"t\",\"skipped\":null,"
          "\"warm_up_batches\":1,\"unsound\":-1}]}",
     "items[0].unsound is not a number from 0"},
    {HEAD "[],\"items\":[]}", "duplicate"},
    {HEAD "[{\"name\":\"x\",\"group\":\"g\",\"variant\":\"v\",\"title\":\"t\",\"skipped\":null,"
          "\"warm_up_batches\":1,\"unsound\":0,\"empty_cycles\":1e300}]}",
     "items[0].empty_cycles is not a number"},
};

START_TEST(a_file_that_is_no_result_is_refused)
{
    struct rs_bench_result result;
    struct rs_error error = {0};

    ck_assert_int_eq(
        rs_bench_read_json(&result, "FILE", bad_files[_i].text, strlen(bad_files[_i].text), &error),
        -1);
    ck_assert_msg(strstr(error.message, bad_files[_i].message), "%s: %s", bad_files[_i].text,
                  error.message);
    ck_assert_ptr_nonnull(strstr(error.message, "bench result 'FILE': "));
}
END_TEST

START_TEST(a_result_without_a_check_is_not_valid)
{
    static const char text[] = HEAD "[]}";
    struct rs_bench_result result;
    struct rs_error error = {0};

    ck_assert_msg(rs_bench_read_json(&result, "FILE", text, strlen(text), &error) == 0, "%s",
                  error.message);
    ck_assert(!rs_bench_result_valid(&result));
    rs_bench_result_free(&result);
}
END_TEST

/* Nothing that a result says can become a command of gnuplot's. */
START_TEST(names_stay_in_their_quotes)
{
    struct rs_bench_row row;
    struct rs_bench_result result = make_result(&row, "it's'; system 'ls", hundred, 9);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    rs_bench_plot_script(&result, "a'b.svg", out);
    fclose(out);
    ck_assert_ptr_nonnull(strstr(text, "set output 'a''b.svg'\n"));
    ck_assert_ptr_nonnull(strstr(text, "set title 'it''s''; system ''ls: p50 100"));
    free(text);
    ck_assert(rs_bench_plot_name("x.svg") && rs_bench_plot_name("y/x.png"));
    ck_assert(!rs_bench_plot_name("x.pdf") && !rs_bench_plot_name(".svg"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bench_results");

    UNIT_ADD_ROWS(suite, gates_are_parsed, good_gates);
    UNIT_ADD(suite, a_gate_has_what_it_says);
    UNIT_ADD_ROWS(suite, what_is_wrong_with_a_gate_is_told_with_its_place, bad_gates);
    UNIT_ADD(suite, too_many_conditions_are_refused);
    UNIT_ADD_ROWS(suite, gates_are_judged, judged);
    UNIT_ADD(suite, what_was_skipped_does_not_hold);
    UNIT_ADD(suite, a_verdict_comes_only_when_the_interval_allows_it);
    UNIT_ADD(suite, what_is_written_is_read_again);
    UNIT_ADD_ROWS(suite, a_file_that_is_no_result_is_refused, bad_files);
    UNIT_ADD(suite, a_result_without_a_check_is_not_valid);
    UNIT_ADD(suite, names_stay_in_their_quotes);
    return unit_run(suite);
}
