/* SPDX-License-Identifier: MIT
 * What a test of kvm-unit-tests has said and how it ended -> its result. */
#ifndef RINGSCOPE_KUT_RESULT_H
#define RINGSCOPE_KUT_RESULT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Lines that report begin with one of these words and a colon. X(name, word, fails)
 */
#define RS_KUT_LINES(X)                                                                            \
    X(PASS, "PASS", false)                                                                         \
    X(FAIL, "FAIL", true)                                                                          \
    X(SKIP, "SKIP", false)                                                                         \
    X(XFAIL, "XFAIL", false)                                                                       \
    X(XPASS, "XPASS", true)                                                                        \
    X(KFAIL, "KFAIL", false)                                                                       \
    X(ABORT, "ABORT", true)

enum rs_kut_line {
#define X(name, word, fails) RS_KUT_##name,
    RS_KUT_LINES(X)
#undef X
    RS_KUT_OTHER,
    RS_KUT_LINE_COUNT
};

enum rs_kut_verdict {
    RS_KUT_PASSED,
    RS_KUT_FAILED,
    RS_KUT_SKIPPED
};

#define RS_KUT_WHY_MAX 256

struct rs_kut_result {
    enum rs_kut_verdict verdict;
    char why[RS_KUT_WHY_MAX]; /* the summary, or what went wrong */
    bool ran;                 /* it printed something */
    unsigned lines[RS_KUT_LINE_COUNT];
};

/* Of one line, without its end. */
enum rs_kut_line rs_kut_line_of(const char *line, size_t size);

/* output: what came on the console, and on stderr, of `ringscope run`; status: its exit code. Not
 * trusted: any bytes. What is quoted of them in `why` is printable. */
void rs_kut_result_of(const char *output, size_t size, int status, double timeout,
                      struct rs_kut_result *result);

#endif
