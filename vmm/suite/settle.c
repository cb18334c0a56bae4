/* SPDX-License-Identifier: MIT
 * Known deviations of a host: what fails because of one that doctor has measured is expected. */
#include "settle.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 4))) static void
conclude(struct rs_result *result, enum rs_outcome outcome, const char *format, ...)
{
    va_list arguments;

    result->outcome = outcome;
    va_start(arguments, format);
    vsnprintf(result->detail, sizeof(result->detail), format, arguments);
    va_end(arguments);
}

/* False, with the outcome filled: nothing is known of this line. */
static bool ask(const struct rs_measurer *measurer, const char *id, struct rs_result *result,
                enum rs_measured *measured, char observed[RS_OBSERVED_MAX])
{
    *measured = measurer->measure(measurer->context, id, observed);
    if (*measured == RS_MEASURED_UNKNOWN)
        conclude(result, RS_OUTCOME_ERROR, "doctor has no line %s", id);
    else if (*measured == RS_MEASURED_FAILED)
        conclude(result, RS_OUTCOME_ERROR, "doctor cannot measure %s now: %.100s", id, observed);
    return *measured == RS_MEASURED_OK || *measured == RS_MEASURED_DEPARTS;
}

/* The first of the list that departs, or with `unmeasured` cannot be measured, into `id`. Returns
 * 1, 0 none, -1: the outcome is filled. */
static int find_departing(const char *list, bool unmeasured, const struct rs_measurer *measurer,
                          struct rs_result *result, char id[RS_DEVIATION_ID_MAX],
                          char observed[RS_OBSERVED_MAX])
{
    while (list && *list) {
        size_t length = strcspn(list, ",");
        enum rs_measured measured;

        snprintf(id, RS_DEVIATION_ID_MAX, "%.*s", (int)length, list);
        if (!ask(measurer, id, result, &measured, observed))
            return unmeasured && measured == RS_MEASURED_FAILED ? 1 : -1;
        if (measured == RS_MEASURED_DEPARTS)
            return 1;
        list += length + (list[length] == ',');
    }
    return 0;
}

void rs_settle_needs(struct rs_test *test, struct rs_result *result,
                     const struct rs_measurer *measurer)
{
    char id[RS_DEVIATION_ID_MAX], observed[RS_OBSERVED_MAX];
    int found = find_departing(test->needs, true, measurer, result, id, observed);

    test->settled = found != 0;
    if (found > 0) {
        conclude(result, RS_OUTCOME_SKIP, "doctor, of this host: %s: %s", id, observed);
        result->skipped = 1;
    }
    if (found != 0)
        result->attempts = 1;
}

static bool has_passed(const struct rs_result *result)
{
    return result->outcome == RS_OUTCOME_PASS || result->outcome == RS_OUTCOME_SKIP;
}

struct tally {
    unsigned expected, unexpected; /* claims that failed, or passed, where the host departs */
    char id[RS_DEVIATION_ID_MAX];  /* of the first of them that failed; else that passed */
    char observed[RS_OBSERVED_MAX];
};

/* False: the outcome is filled. A line whose claims fail in part is an expected failure. */
static bool settle_deviation(struct rs_result *result, const struct rs_result_deviation *deviation,
                             const struct rs_measurer *measurer, struct tally *tally)
{
    char observed[RS_OBSERVED_MAX];
    enum rs_measured measured;

    if (!ask(measurer, deviation->id, result, &measured, observed))
        return false;
    if (measured == RS_MEASURED_OK) {
        result->failed += deviation->failed;
        result->passed += deviation->passed;
        if (deviation->failed > 0 && result->outcome != RS_OUTCOME_ERROR)
            conclude(result, RS_OUTCOME_FAIL,
                     "%u of its claims fail by deviation %s, which doctor does not find on this "
                     "host now",
                     deviation->failed, deviation->id);
        return true;
    }
    if (deviation->failed > 0 ? tally->expected == 0 : tally->expected + tally->unexpected == 0) {
        memcpy(tally->id, deviation->id, sizeof(tally->id));
        memcpy(tally->observed, observed, sizeof(observed));
    }
    tally->expected += deviation->failed;
    tally->unexpected += deviation->failed == 0 ? deviation->passed : 0;
    return true;
}

/* False: one of the lines cannot be asked for. */
static bool settle_claims(struct rs_result *result, const struct rs_measurer *measurer)
{
    struct tally tally = {0};

    for (unsigned i = 0; i < result->deviation_count; i++)
        if (!settle_deviation(result, &result->deviations[i], measurer, &tally))
            return false;
    result->expected_failed = tally.expected;
    result->unexpected_passed = tally.unexpected;
    if (!has_passed(result))
        return true;
    if (tally.unexpected > 0)
        conclude(result, RS_OUTCOME_XPASS,
                 "%u of its claims pass, although doctor finds now: %s: %s", tally.unexpected,
                 tally.id, tally.observed);
    else if (tally.expected > 0)
        conclude(result, RS_OUTCOME_XFAIL, "deviation %s: %s", tally.id, tally.observed);
    return true;
}

static void settle_whole(const struct rs_test *test, struct rs_result *result,
                         const struct rs_measurer *measurer)
{
    char id[RS_DEVIATION_ID_MAX], observed[RS_OBSERVED_MAX], detail[RS_DETAIL_MAX];

    if (find_departing(test->xfail, false, measurer, result, id, observed) <= 0)
        return;
    memcpy(detail, result->detail, sizeof(detail));
    if (result->outcome == RS_OUTCOME_PASS)
        conclude(result, RS_OUTCOME_XPASS, "it passes, although doctor finds now: %s: %s", id,
                 observed);
    else if (result->outcome == RS_OUTCOME_FAIL || result->outcome == RS_OUTCOME_ERROR)
        conclude(result, RS_OUTCOME_XFAIL, "deviation %s: %s; %.100s", id, observed, detail);
}

void rs_settle_result(const struct rs_test *test, struct rs_result *result,
                      const struct rs_measurer *measurer)
{
    if (test->settled)
        return;
    if (settle_claims(result, measurer))
        settle_whole(test, result, measurer);
}
