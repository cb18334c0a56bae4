/* SPDX-License-Identifier: MIT
 * What a test's output and exit status mean. Lines: the Test Anything Protocol, version 14. */
#include "suite/suite.h"
#include "unit.h"

static const struct {
    const char *name, *output;
    uint32_t status;
    enum rs_outcome outcome;
    const char *detail; /* begins with this */
} rows[] = {
    {"passes", "ok 1 - a\nok 2 - b\n1..2\n", 0, RS_OUTCOME_PASS, ""},
    {"plan first", "1..2\nok 1\nok 2\n", 0, RS_OUTCOME_PASS, ""},
    {"comments and other lines", "# x\nhello\nok 1 - a\n1..1\n", 0, RS_OUTCOME_PASS, ""},
    {"CR LF", "ok 1 - a\r\n1..1\r\n", 0, RS_OUTCOME_PASS, ""},
    {"no last line end", "ok 1 - a\n1..1", 0, RS_OUTCOME_PASS, ""},
    {"fails", "ok 1 - a\nnot ok 2 - b\n1..2\n", 1, RS_OUTCOME_FAIL, "not ok 2 - b"},
    {"fails with status 0", "not ok 1 - b\n1..1\n", 0, RS_OUTCOME_FAIL, "not ok 1 - b"},
    {"a failure counts more than an error", "not ok 1 - a # ERROR x\nnot ok 2 - b\n1..2\n", 2,
     RS_OUTCOME_FAIL, "not ok 1"},
    {"an error", "not ok 1 - a # ERROR x\n1..1\n", 99, RS_OUTCOME_ERROR, "not ok 1 - a # ERROR x"},
    {"bail out", "ok 1\nBail out! no luck\n", 99, RS_OUTCOME_ERROR, "Bail out! no luck"},
    {"silence", "", 0, RS_OUTCOME_ERROR, "it has reported nothing"},
    {"words alone", "hello\n", 0, RS_OUTCOME_ERROR, "it has reported nothing"},
    {"words that look like it", "okay\nnot okay\n", 0, RS_OUTCOME_ERROR, "it has reported nothing"},
    {"no plan", "ok 1 - a\n", 0, RS_OUTCOME_ERROR, "its plan is missing"},
    {"too few", "1..3\nok 1\nok 2\n", 0, RS_OUTCOME_ERROR, "its plan says 3, it has reported 2"},
    {"too many", "1..1\nok 1\nok 2\n", 0, RS_OUTCOME_ERROR, "its plan says 1, it has reported 2"},
    {"status of its own", "ok 1\n1..1\n", 3, RS_OUTCOME_FAIL, "every claim holds, but"},
    {"skips everything", "1..0 # SKIP no such device\n", 0, RS_OUTCOME_SKIP, "no such device"},
    {"skips each", "ok 1 - a # SKIP why\n1..1\n", 0, RS_OUTCOME_SKIP, "why"},
    {"skips one", "ok 1 - a # SKIP why\nok 2\n1..2\n", 0, RS_OUTCOME_PASS, ""},
    {"status 77", "", 77, RS_OUTCOME_SKIP, ""},
    {"a failure with status 77", "not ok 1\n1..1\n", 77, RS_OUTCOME_FAIL, "not ok 1"},
    {"bytes that are no text", "not ok 1 - \x1b[31m\xff\n1..1\n", 1, RS_OUTCOME_FAIL,
     "not ok 1 - ?[31m?"},
};

START_TEST(lines_mean_what_they_say)
{
    char *console = strdup(rows[_i].output);
    struct rs_result result = {.console = console, .console_size = (uint32_t)strlen(console)};

    rs_judge_output(&result, rows[_i].status);
    assert_row_eq(rows[_i].name, result.outcome, rows[_i].outcome);
    ck_assert_msg(strncmp(result.detail, rows[_i].detail, strlen(rows[_i].detail)) == 0,
                  "%s: detail is '%s'", rows[_i].name, result.detail);
    free(console);
}
END_TEST

START_TEST(claims_are_counted)
{
    char text[] = "ok 1\nok 2 - a # SKIP b\nnot ok 3\nnot ok 4 # ERROR c\n1..4\n";
    struct rs_result result = {.console = text, .console_size = sizeof(text) - 1};

    rs_judge_output(&result, 1);
    ck_assert_uint_eq(result.passed, 1);
    ck_assert_uint_eq(result.skipped, 1);
    ck_assert_uint_eq(result.failed, 1);
    ck_assert_uint_eq(result.broken, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("judge");

    UNIT_ADD_ROWS(suite, lines_mean_what_they_say, rows);
    UNIT_ADD(suite, claims_are_counted);
    return unit_run(suite);
}
