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

/* What the output says of the result. */
struct said {
    char summary[RS_KUT_WHY_MAX]; /* the last SUMMARY */
    char own[RS_KUT_WHY_MAX];     /* ringscope, of the end */
    bool own_follow;              /* lines of ringscope's follow each other */
};

static void quote(char why[RS_KUT_WHY_MAX], const char *text, size_t size)
{
    size_t used = 0;

    for (; used < size && used + 1 < RS_KUT_WHY_MAX && text[used] != '\r'; used++)
        why[used] = text[used] >= ' ' && text[used] <= '~' ? text[used] : '?';
    why[used] = '\0';
}

/* How the guest ended is the first of ringscope's lines after the guest's: counts of what was
 * traced and repaired come behind it. What is repaired is announced before the guest runs. */
static void read_own(const char *text, size_t size, struct said *said)
{
    if (said->own_follow || begins_with(text, size, "this host departs from the SDM"))
        return;
    quote(said->own, text, size);
    said->own_follow = true;
}

static void read_guest(const char *line, size_t size, struct rs_kut_result *result,
                       struct said *said)
{
    static const char summary[] = "SUMMARY: ";

    result->lines[rs_kut_line_of(line, size)]++;
    if (begins_with(line, size, summary))
        quote(said->summary, line + sizeof(summary) - 1, size - (sizeof(summary) - 1));
    result->ran |= size > 0;
    said->own_follow &= size == 0;
}

/* What ringscope says may stand behind a line that the guest did not end. */
static void read_lines(const char *output, size_t size, struct rs_kut_result *result,
                       struct said *said)
{
    static const char own[] = "ringscope: ";
    const char *next = output, *end = output + size;

    while (next < end) {
        const char *line_end = memchr(next, '\n', (size_t)(end - next));
        const char *told, *begin = next;

        if (!line_end)
            line_end = end;
        told = memmem(begin, (size_t)(line_end - begin), own, sizeof(own) - 1);
        if (told != begin)
            read_guest(begin, (size_t)((told ? told : line_end) - begin), result, said);
        if (told)
            read_own(told + sizeof(own) - 1, (size_t)(line_end - told) - (sizeof(own) - 1), said);
        next = line_end + 1;
    }
}

static bool any_fails(const struct rs_kut_result *result)
{
    for (unsigned i = 0; i < RS_KUT_OTHER; i++)
        if (words[i].fails && result->lines[i])
            return true;
    return false;
}

static void say(struct rs_kut_result *result, const char *said, const char *otherwise)
{
    snprintf(result->why, sizeof(result->why), "%s", said[0] ? said : otherwise);
}

void rs_kut_result_of(const char *output, size_t size, int status, double timeout,
                      struct rs_kut_result *result)
{
    struct said said = {0};
    char number[24];

    *result = (struct rs_kut_result){.verdict = RS_KUT_FAILED};
    read_lines(output, size, result, &said);
    switch (status) {
    case STATUS_PASSED:
        if (any_fails(result)) {
            say(result, "", "its lines say that something failed, its status that nothing did");
        } else {
            result->verdict = RS_KUT_PASSED;
            say(result, said.summary, "");
        }
        break;
    case STATUS_SKIPPED:
        result->verdict = RS_KUT_SKIPPED;
        say(result, said.summary, "skipped by itself");
        break;
    case STATUS_FAILED:
        say(result, said.summary, "status 3: something failed");
        break;
    case STATUS_ABORTED: /* one of ringscope's own, too: it could not begin */
        say(result, result->ran ? "" : said.own, "aborted: an assertion or an exception");
        break;
    case RS_EXIT_TIMEOUT:
        snprintf(result->why, sizeof(result->why), "timeout; duration=%gs", timeout);
        break;
    case 0:
        say(result, said.own[0] ? said.own : said.summary, "it ended without a result");
        break;
    default:
        snprintf(number, sizeof(number), "status %d", status);
        say(result, said.own[0] ? said.own : said.summary, number);
        break;
    }
}
