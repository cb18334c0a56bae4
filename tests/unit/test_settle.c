/* SPDX-License-Identifier: MIT
 * Expected failures: only where doctor finds the deviation. */
#include "suite/settle.h"
#include "unit.h"

static enum rs_measured measure(void *context, const char *id, char observed[RS_OBSERVED_MAX])
{
    (void)context;
    snprintf(observed, RS_OBSERVED_MAX, "seen");
    if (strcmp(id, "departs") == 0)
        return RS_MEASURED_DEPARTS;
    if (strcmp(id, "broken") == 0)
        return RS_MEASURED_FAILED;
    return strcmp(id, "good") == 0 ? RS_MEASURED_OK : RS_MEASURED_UNKNOWN;
}

static const struct rs_measurer measurer = {measure, NULL};

static const struct {
    const char *name, *output;
    enum rs_outcome outcome;
} rows[] = {
    {"nothing named", "ok 1\n1..1\n", RS_OUTCOME_PASS},
    {"fails where the host departs", "ok 1\nnot ok 2 # TODO deviation departs\n1..2\n",
     RS_OUTCOME_XFAIL},
    {"passes there", "ok 1\nok 2 - a # TODO deviation departs\n1..2\n", RS_OUTCOME_XPASS},
    {"fails elsewhere", "ok 1\nnot ok 2 # TODO deviation good\n1..2\n", RS_OUTCOME_FAIL},
    {"passes elsewhere", "ok 1 # TODO deviation good\n1..1\n", RS_OUTCOME_PASS},
    {"part of it fails", "ok 1 # TODO deviation departs\nnot ok 2 # TODO deviation departs\n1..2\n",
     RS_OUTCOME_XFAIL},
    {"another claim fails", "not ok 1 - a\nnot ok 2 # TODO deviation departs\n1..2\n",
     RS_OUTCOME_FAIL},
    {"no such line", "ok 1 # TODO deviation what\n1..1\n", RS_OUTCOME_ERROR},
    {"cannot be measured", "not ok 1 # TODO deviation broken\n1..1\n", RS_OUTCOME_ERROR},
};

START_TEST(claims)
{
    char *console = strdup(rows[_i].output);
    struct rs_result result = {.console = console, .console_size = (uint32_t)strlen(console)};

    rs_judge_output(&result, 0);
    rs_settle_result(&(struct rs_test){0}, &result, &measurer);
    assert_row_eq(rows[_i].name, result.outcome, rows[_i].outcome);
    free(console);
}
END_TEST

static const struct {
    const char *xfail;
    enum rs_outcome before, after;
} whole[] = {
    {"departs", RS_OUTCOME_FAIL, RS_OUTCOME_XFAIL},
    {"good", RS_OUTCOME_FAIL, RS_OUTCOME_FAIL},
    {"good,departs", RS_OUTCOME_ERROR, RS_OUTCOME_XFAIL},
    {"departs", RS_OUTCOME_PASS, RS_OUTCOME_XPASS},
    {"departs", RS_OUTCOME_SKIP, RS_OUTCOME_SKIP},
    {"what", RS_OUTCOME_PASS, RS_OUTCOME_ERROR},
};

START_TEST(whole_tests)
{
    char *xfail = strdup(whole[_i].xfail);
    struct rs_result result = {.outcome = whole[_i].before};

    rs_settle_result(&(struct rs_test){.xfail = xfail}, &result, &measurer);
    ck_assert_int_eq(result.outcome, whole[_i].after);
    free(xfail);
}
END_TEST

static const struct {
    const char *needs;
    bool settled;
    enum rs_outcome outcome;
} needed[] = {
    {"good", false, RS_OUTCOME_PASS},
    {"good,departs", true, RS_OUTCOME_SKIP},
    {"broken", true, RS_OUTCOME_SKIP},
    {"what", true, RS_OUTCOME_ERROR},
};

START_TEST(needs)
{
    char *text = strdup(needed[_i].needs);
    struct rs_test test = {.needs = text};
    struct rs_result result = {0};

    rs_settle_needs(&test, &result, &measurer);
    ck_assert_int_eq(test.settled, needed[_i].settled);
    if (test.settled)
        ck_assert_int_eq(result.outcome, needed[_i].outcome);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("settle");

    UNIT_ADD_ROWS(suite, claims, rows);
    UNIT_ADD_ROWS(suite, whole_tests, whole);
    UNIT_ADD_ROWS(suite, needs, needed);
    return unit_run(suite);
}
