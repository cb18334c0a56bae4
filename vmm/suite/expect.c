/* SPDX-License-Identifier: MIT
 * Expectations on the trace that a test has printed, held against what was traced. */
#include "lines.h"
#include "watch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/*
 * On the console, before the part of the trace begins:
 *
 *   # expect-trace 1: CLAIM
 *   #   EXC #UD from 3 on RSP0
 *
 * A claim may end in a directive that names a line of doctor, as any other.
 */
#define HEAD "# expect-trace "
#define LINE "#   "
#define DIRECTIVE " # TODO deviation "
#define EXPECTED_MAX 16384

struct expectation {
    uint64_t number;
    char claim[RS_DETAIL_MAX];
    char id[RS_DEVIATION_ID_MAX];
    char lines[EXPECTED_MAX];
    size_t size;
};

static void printable(char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

/* Moves *next behind the expectation. */
static bool read_expectation(const char **next, const char *end, struct expectation *expectation)
{
    const char *line = *next, *line_end;
    char *todo;
    int used = 0;

    expectation->size = 0;
    expectation->id[0] = '\0';
    if (sscanf(line, HEAD "%" SCNu64 ": %n", &expectation->number, &used) != 1 || used == 0)
        return false;
    line_end = line + strcspn(line, "\n");
    snprintf(expectation->claim, sizeof(expectation->claim), "%.*s", (int)(line_end - line - used),
             line + used);
    printable(expectation->claim);
    todo = strstr(expectation->claim, DIRECTIVE);
    if (todo) {
        snprintf(expectation->id, sizeof(expectation->id), "%.47s", todo + strlen(DIRECTIVE));
        *todo = '\0';
    }
    for (line = line_end; line < end; line = line_end) {
        const char *text = line + 1;
        size_t length;

        if (end - text < (ptrdiff_t)strlen(LINE) || strncmp(text, LINE, strlen(LINE)) != 0)
            break;
        line_end = text + strcspn(text, "\n");
        length = (size_t)(line_end - text) - strlen(LINE) + 1;
        if (length >= EXPECTED_MAX - expectation->size)
            return false;
        memcpy(expectation->lines + expectation->size, text + strlen(LINE), length - 1);
        expectation->lines[expectation->size + length - 1] = '\n';
        expectation->size += length;
    }
    expectation->lines[expectation->size] = '\0';
    *next = line_end;
    return true;
}

static char *lines_of(const struct rs_watch *watch, const struct rs_part *part)
{
    char *bytes = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&bytes, &size);

    if (!out)
        return NULL;
    rs_transitions_write(&watch->transitions, part, out);
    return fclose(out) == 0 ? bytes : NULL;
}

static void count(struct rs_result *result, const struct expectation *expectation, bool holds)
{
    if (expectation->id[0])
        rs_judge_deviation(result, expectation->id, strlen(expectation->id), holds);
    else if (holds)
        result->passed++;
    else
        result->failed++;
}

static void fail(struct rs_result *result, enum rs_outcome outcome, const char *why,
                 const struct expectation *expectation)
{
    if (result->outcome != RS_OUTCOME_PASS && result->outcome != RS_OUTCOME_SKIP)
        return;
    result->outcome = outcome;
    snprintf(result->detail, sizeof(result->detail), "%s: %.200s", why, expectation->claim);
}

static void check(const struct rs_watch *watch, const struct expectation *expectation,
                  struct rs_result *result, FILE *difference)
{
    const struct rs_part *part = rs_transitions_part(&watch->transitions, expectation->number);
    char *got = part ? lines_of(watch, part) : NULL;
    char *bytes = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&bytes, &size);
    int same = got && out ? rs_lines_compare(expectation->lines, got, out) : -1;

    if (out)
        fclose(out);
    if (same < 0 || watch->transitions.cut) {
        result->broken++;
        fail(result, RS_OUTCOME_ERROR,
             part ? "its trace is too long to be compared" : "the marks of its trace never came",
             expectation);
    } else {
        count(result, expectation, same == 1);
        if (same == 0) {
            fprintf(difference, "%s\n%s", expectation->claim, bytes ? bytes : "");
            if (!expectation->id[0])
                fail(result, RS_OUTCOME_FAIL, "not the transitions that are expected", expectation);
        }
    }
    free(got);
    free(bytes);
}

void rs_watch_check(const struct rs_watch *watch, struct rs_result *result)
{
    const char *next = result->console, *end = result->console + result->console_size;
    struct expectation *expectation = malloc(sizeof(*expectation));
    char *bytes = NULL;
    size_t size = 0;
    FILE *difference = open_memstream(&bytes, &size);

    while (expectation && difference && next < end) {
        if (strncmp(next, HEAD, strlen(HEAD)) == 0 && read_expectation(&next, end, expectation))
            check(watch, expectation, result, difference);
        next += strcspn(next, "\n");
        next += next < end;
    }
    if (difference && fclose(difference) == 0 && size > 0)
        rs_result_set_text(result, RS_TEXT_DIFFERENCE, bytes, size);
    else
        free(bytes);
    free(expectation);
}
