/* SPDX-License-Identifier: MIT
 * Suites: many guests, each a test with an outcome. What a test is, its kind says; everything else
 * here holds for all kinds. */
#ifndef RINGSCOPE_SUITE_H
#define RINGSCOPE_SUITE_H

#include "blob.h"
#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* FAIL: the subject is wrong. ERROR: the test or its surroundings broke, or it said nothing.
 *
 * X(name, text, TAP's first words, behind " # ") */
#define RS_OUTCOMES(X)                                                                             \
    X(PASS, "pass", "ok", "")                                                                      \
    X(FAIL, "fail", "not ok", "")                                                                  \
    X(ERROR, "error", "not ok", "ERROR")                                                           \
    X(SKIP, "skip", "ok", "SKIP")

enum rs_outcome {
#define X(name, text, tap, directive) RS_OUTCOME_##name,
    RS_OUTCOMES(X)
#undef X
    RS_OUTCOME_COUNT
};

const char *rs_outcome_text(enum rs_outcome outcome);

struct rs_test_kind;

#define RS_TEST_ARGUMENTS_MAX 16

struct rs_test {
    char *name;                                 /* owned; unique in the suite; with its arguments */
    char *line;                                 /* owned: what `arguments` points into */
    char *arguments[RS_TEST_ARGUMENTS_MAX + 2]; /* its argv: NULL-terminated, a name first */
    char *path;                                 /* owned; NULL: bundled */
    struct rs_blob file;                        /* its program or kernel */
    void *bytes;                                /* owned; NULL: bundled */
    const struct rs_test_kind *kind;
    unsigned layout;      /* tests with the same number can share a loaded image: see kinds.h */
    unsigned layout_size; /* how many tests have it */
};

struct rs_suite {
    struct rs_test *tests;
    size_t count, room;
};

/* What one test may use. */
struct rs_test_budget {
    double seconds;  /* of its own, once it has begun */
    uint64_t memory; /* bytes of guest memory */
};

#define RS_CONSOLE_KEPT 65536 /* bytes of a test's output */
#define RS_DETAIL_MAX 256

struct rs_result {
    enum rs_outcome outcome;
    char detail[RS_DETAIL_MAX]; /* why it did not pass; "": it did */
    double seconds;
    unsigned passed, failed, broken, skipped; /* its claims, by outcome */
    unsigned attempts;
    char registers[1024]; /* at the end, for what did not pass */
    uint32_t console_size;
    bool console_cut; /* it wrote more than is kept */
    char *console;    /* owned, NUL-terminated; may hold any byte */
};

/* discover.c. Adds a bundled program, an ELF file, a directory of them, or a suite file: one of
 * these a line, with arguments behind it, '#' begins a comment. Returns 0 or -1. */
int rs_suite_add(struct rs_suite *suite, const char *path, struct rs_error *error);
/* The bundled programs that speak TAP. */
int rs_suite_add_bundled(struct rs_suite *suite, struct rs_error *error);
/* Keeps the tests whose name contains one of the words, or matches it as a glob. */
void rs_suite_select(struct rs_suite *suite, const char *const *words, size_t count);
/* Keeps every `of`-th test, beginning with number `part`, from 1. */
void rs_suite_shard(struct rs_suite *suite, unsigned part, unsigned of);
/* After the last choice: finds out which tests share a layout. */
void rs_suite_find_layouts(struct rs_suite *suite);
void rs_suite_free(struct rs_suite *suite);

/* judge.c: what the lines say that a test has printed, TAP 14. `status` is its exit status. */
void rs_judge_output(struct rs_result *result, uint32_t status);

#endif
