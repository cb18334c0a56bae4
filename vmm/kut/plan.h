/* SPDX-License-Identifier: MIT
 * How a test of kvm-unit-tests is run here, or why it cannot be. */
#ifndef RINGSCOPE_KUT_PLAN_H
#define RINGSCOPE_KUT_PLAN_H

#include "config.h"

#include <stdbool.h>
#include <stdint.h>

#define RS_KUT_REASON_MAX 160
#define RS_KUT_APPEND_MAX 2048
#define RS_KUT_CPU_MAX 256

struct rs_kut_limits {
    unsigned cpus_max;
    uint64_t memory_max;     /* bytes */
    uint64_t memory_default; /* of tests that ask for none */
    double timeout;          /* seconds; 0: the test's own */
    uint64_t now;            /* seconds since 1970, for tests that want the date */
};

/* The options of `ringscope run` for it. */
struct rs_kut_plan {
    char reason[RS_KUT_REASON_MAX]; /* why it cannot be run; empty: it can */
    char append[RS_KUT_APPEND_MAX];
    char cpu[RS_KUT_CPU_MAX]; /* empty: none */
    uint64_t memory;
    unsigned cpus;
    double timeout; /* seconds */
};

/* Always fills *plan. Whether its file is there, and what `check` says, is not looked at. */
void rs_kut_plan(const struct rs_kut_test *test, const struct rs_kut_limits *limits,
                 struct rs_kut_plan *plan);

/* The next word of text as a shell splits it, quotes taken off, into `word`; `date +%s` in
 * backquotes becomes `now`. Moves *text. Returns 1, 0 at the end, or -1: it takes a shell, or is
 * too long. */
int rs_kut_word(const char **text, uint64_t now, char *word, size_t size);

/* Whether one of the words of a list is `word`. */
bool rs_kut_has_word(const char *list, const char *word);

#endif
