/* SPDX-License-Identifier: MIT
 * What a test has said: TAP 14, and its exit status. */
#include "suite.h"

#include "machine/machine.h"
#include "nt/services.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVIATION " # TODO deviation "
#define EXPECTATION "# expect-trace "
#define EXIT_SKIP 77 /* of a whole program, as automake has it */

struct reading {
    struct rs_result *result;
    bool has_plan;
    unsigned plan, seen;
    unsigned expectations; /* on the trace */
    char first_bad[RS_DETAIL_MAX];
    char skip[RS_DETAIL_MAX];
};

/* What comes from a guest is printable, or a question mark. */
static void copy_text(char *to, size_t size, const char *from, size_t length)
{
    size_t i;

    for (i = 0; i < length && i < size - 1; i++)
        to[i] = from[i] >= ' ' && from[i] < 127 ? from[i] : '?';
    to[i] = '\0';
}

static void read_plan(struct reading *reading, const char *line, size_t length)
{
    const char *skip = memmem(line, length, "# SKIP", 6);

    reading->has_plan = true;
    reading->plan = (unsigned)strtoul(line + 3, NULL, 10);
    if (reading->plan == 0 && skip) {
        reading->result->skipped++;
        skip += 6 + (skip + 6 < line + length && skip[6] == ' ');
        copy_text(reading->skip, sizeof(reading->skip), skip, (size_t)(line + length - skip));
    }
}

void rs_judge_deviation(struct rs_result *result, const char *id, size_t length, bool ok)
{
    struct rs_result_deviation *deviation;
    unsigned i = 0;

    if (length >= RS_DEVIATION_ID_MAX)
        length = RS_DEVIATION_ID_MAX - 1;
    while (i < result->deviation_count &&
           (strncmp(result->deviations[i].id, id, length) != 0 || result->deviations[i].id[length]))
        i++;
    if (i == RS_DEVIATIONS_MAX) { /* no room to excuse it */
        result->failed += !ok;
        result->passed += ok;
        return;
    }
    deviation = &result->deviations[i];
    if (i == result->deviation_count) {
        copy_text(deviation->id, sizeof(deviation->id), id, length);
        result->deviation_count++;
    }
    deviation->failed += !ok;
    deviation->passed += ok;
}

/* "# TODO deviation ID": settled later, when doctor has measured that line. */
static bool read_deviation(struct reading *reading, const char *directive, const char *end, bool ok)
{
    size_t head = strlen(DEVIATION), length = 0;

    if ((size_t)(end - directive) <= head || memcmp(directive, DEVIATION, head) != 0)
        return false;
    while (directive + head + length < end && directive[head + length] != ' ')
        length++;
    rs_judge_deviation(reading->result, directive + head, length, ok);
    return true;
}

static void read_claim(struct reading *reading, const char *line, size_t length, bool ok)
{
    struct rs_result *result = reading->result;
    const char *directive = memmem(line, length, " # ", 3);

    reading->seen++;
    if (directive && strncmp(directive + 3, "SKIP", 4) == 0) {
        result->skipped++;
        if (!reading->skip[0])
            copy_text(reading->skip, sizeof(reading->skip), directive + 8,
                      length > (size_t)(directive + 8 - line)
                          ? length - (size_t)(directive + 8 - line)
                          : 0);
        return;
    }
    if (directive && read_deviation(reading, directive, line + length, ok))
        return;
    if (ok) {
        result->passed++;
        return;
    }
    if (directive && strncmp(directive + 3,
                             "TO"
                             "DO",
                             4) == 0) {
        result->skipped++;
        return;
    }
    if (directive && strncmp(directive + 3, "ERROR", 5) == 0)
        result->broken++;
    else
        result->failed++;
    if (!reading->first_bad[0])
        copy_text(reading->first_bad, sizeof(reading->first_bad), line, length);
}

static void read_line(struct reading *reading, const char *line, size_t length)
{
    if (length > 0 && line[length - 1] == '\r')
        length--;
    if (strncmp(line, "1..", 3) == 0)
        read_plan(reading, line, length);
    else if (strncmp(line, "ok", 2) == 0 && (length == 2 || line[2] == ' '))
        read_claim(reading, line, length, true);
    else if (strncmp(line, "not ok", 6) == 0 && (length == 6 || line[6] == ' '))
        read_claim(reading, line, length, false);
    else if (strncmp(line, EXPECTATION, strlen(EXPECTATION)) == 0)
        reading->expectations++;
    else if (strncmp(line, "Bail out!", 9) == 0) {
        reading->result->broken++;
        copy_text(reading->first_bad, sizeof(reading->first_bad), line, length);
    }
}

__attribute__((format(printf, 3, 4))) static void
conclude(struct rs_result *result, enum rs_outcome outcome, const char *format, ...)
{
    va_list arguments;

    result->outcome = outcome;
    va_start(arguments, format);
    vsnprintf(result->detail, sizeof(result->detail), format, arguments);
    va_end(arguments);
}

void rs_judge_output(struct rs_result *result, uint32_t status)
{
    struct reading reading = {.result = result};
    const char *line = result->console, *end = result->console + result->console_size;

    for (const char *next; line < end; line = next + 1) {
        next = memchr(line, '\n', (size_t)(end - line));
        if (!next)
            next = end;
        read_line(&reading, line, (size_t)(next - line));
    }
    if (result->failed > 0)
        conclude(result, RS_OUTCOME_FAIL, "%s", reading.first_bad);
    else if (result->broken > 0)
        conclude(result, RS_OUTCOME_ERROR, "%s", reading.first_bad);
    else if (status == EXIT_SKIP || (result->passed == 0 && result->skipped > 0))
        conclude(result, RS_OUTCOME_SKIP, "%s", reading.skip[0] ? reading.skip : "it says so");
    else if (reading.seen == 0 && reading.expectations == 0)
        conclude(result, RS_OUTCOME_ERROR, "it has reported nothing (exit status %" PRIu32 ")",
                 status);
    else if (!reading.has_plan)
        conclude(result, RS_OUTCOME_ERROR, "its plan is missing: it ended before its end");
    else if (reading.plan != reading.seen)
        conclude(result, RS_OUTCOME_ERROR, "its plan says %u, it has reported %u", reading.plan,
                 reading.seen);
    else if (status != 0)
        conclude(result, RS_OUTCOME_FAIL, "every claim holds, but its exit status is %" PRIu32,
                 status);
    else
        conclude(result, RS_OUTCOME_PASS, "%s", "");
}

static bool ends_in_bug_check(const struct rs_result *result, const char *ends,
                              const struct rs_stop *stop)
{
    unsigned code, stack;
    char line[32];

    if (sscanf(ends, "STOP %x on IST %u", &code, &stack) != 2)
        return false;
    snprintf(line, sizeof(line), "handler stack: IST %u", stack);
    return stop->kind == RS_STOP_BUG_CHECK && stop->value == code && strstr(result->console, line);
}

static bool ends_so(const struct rs_result *result, const char *ends, const struct rs_stop *stop)
{
    const char *name = stop->kind == RS_STOP_PROGRAM ? rs_status_name(stop->value) : NULL;

    if (strcmp(ends, "triple fault") == 0)
        return stop->kind == RS_STOP_CRASH && strstr(stop->message, "triple fault");
    return (name && strcmp(name, ends) == 0) || ends_in_bug_check(result, ends, stop);
}

void rs_judge_end(struct rs_result *result, const char *ends, const struct rs_stop *stop)
{
    char how[RS_DETAIL_MAX];

    if (ends_so(result, ends, stop)) {
        if (result->failed == 0 && result->broken == 0) {
            result->passed++;
            conclude(result, RS_OUTCOME_PASS, "%s", "");
        }
        return;
    }
    snprintf(how, sizeof(how), "%s", result->detail);
    result->failed++;
    conclude(result, RS_OUTCOME_FAIL, "it is to end with %s, but %.180s", ends,
             how[0] ? how : "ended as a test that passes");
}
