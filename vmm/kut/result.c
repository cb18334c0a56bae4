/* SPDX-License-Identifier: MIT
 * What a test of kvm-unit-tests has said and how it ended. */
#include "result.h"

#include "error.h"

#include <stdio.h>
#include <string.h>

/* Exit statuses by isa-debug-exit, 2v + 1: the suite's report.c and its runner. */
#define STATUS_PASSED 1
#define STATUS_FAILED 3
#define STATUS_SKIPPED 77
#define STATUS_ABORTED 127

static const struct {
    const char *word;
    bool fails;
} words[] = {
#define X(name, word, fails) {word, fails},
    RS_KUT_LINES(X)
#undef X
};

static bool begins_with(const char *line, size_t size, const char *text)
{
    size_t length = strlen(text);

    return size >= length && memcmp(line, text, length) == 0;
}

enum rs_kut_line rs_kut_line_of(const char *line, size_t size)
{
    for (unsigned i = 0; i < RS_KUT_OTHER; i++) {
        size_t length = strlen(words[i].word);

        if (begins_with(line, size, words[i].word) && size > length && line[length] == ':')
            return (enum rs_kut_line)i;
    }
    return RS_KUT_OTHER;
}

static void quote(struct rs_kut_result *result, const char *text, size_t size)
{
    size_t used = 0;

    for (; used < size && used + 1 < sizeof(result->why) && text[used] != '\r'; used++)
        result->why[used] = text[used] >= ' ' && text[used] <= '~' ? text[used] : '?';
    result->why[used] = '\0';
}

/* Counts the lines; the last SUMMARY and what ringscope said of the end are kept. */
static void read_lines(const char *output, size_t size, struct rs_kut_result *result)
{
    static const char summary[] = "SUMMARY: ", own[] = "ringscope: ";
    const char *next = output, *end = output + size;

    while (next < end) {
        const char *line_end = memchr(next, '\n', (size_t)(end - next));
        size_t length = (size_t)((line_end ? line_end : end) - next);

        result->lines[rs_kut_line_of(next, length)]++;
        if (begins_with(next, length, summary))
            quote(result, next + sizeof(summary) - 1, length - (sizeof(summary) - 1));
        else if (begins_with(next, length, own))
            quote(result, next + sizeof(own) - 1, length - (sizeof(own) - 1));
        else
            result->ran |= length > 0;
        next += length + 1;
    }
}

static bool any_fails(const struct rs_kut_result *result)
{
    for (unsigned i = 0; i < RS_KUT_OTHER; i++)
        if (words[i].fails && result->lines[i])
            return true;
    return false;
}

static void say(struct rs_kut_result *result, const char *text)
{
    if (!result->why[0])
        snprintf(result->why, sizeof(result->why), "%s", text);
}

void rs_kut_result_of(const char *output, size_t size, int status, double timeout,
                      struct rs_kut_result *result)
{
    *result = (struct rs_kut_result){.verdict = RS_KUT_FAILED};
    read_lines(output, size, result);
    switch (status) {
    case STATUS_PASSED:
        if (any_fails(result))
            say(result, "its lines say that something failed, its status that nothing did");
        else
            result->verdict = RS_KUT_PASSED;
        break;
    case STATUS_SKIPPED:
        result->verdict = RS_KUT_SKIPPED;
        say(result, "skipped by itself");
        break;
    case STATUS_FAILED:
        say(result, "status 3: something failed");
        break;
    case STATUS_ABORTED: /* one of ringscope's own, too: it could not begin */
        if (!result->ran && result->why[0])
            break;
        snprintf(result->why, sizeof(result->why), "aborted: an assertion or an exception");
        break;
    case RS_EXIT_TIMEOUT:
        snprintf(result->why, sizeof(result->why), "timeout; duration=%gs", timeout);
        break;
    case 0:
        say(result, "it ended without a result");
        break;
    default:
        if (!result->why[0])
            snprintf(result->why, sizeof(result->why), "status %d", status);
        break;
    }
}
