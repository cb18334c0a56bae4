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

/* FAIL: the subject is wrong. ERROR: the test or its surroundings broke, or it said nothing. XFAIL,
 * XPASS: it names a line of doctor, which has found now that this host departs there, and did not
 * pass, or passed all the same.
 *
 * X(name, text, TAP's first words, behind " # ") */
#define RS_OUTCOMES(X)                                                                             \
    X(PASS, "pass", "ok", "")                                                                      \
    X(FAIL, "fail", "not ok", "")                                                                  \
    X(ERROR, "error", "not ok", "ERROR")                                                           \
    X(SKIP, "skip", "ok", "SKIP")                                                                  \
    X(XFAIL, "xfail", "not ok", "TODO")                                                            \
    X(XPASS, "xpass", "ok", "TODO")

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
    char *
        needs; /* owned; lines of doctor, separated by commas: skipped where one departs; or NULL */
    char *xfail;          /* owned; the same: expected to fail there; or NULL */
    char *ends;           /* owned; how it ends, if not as tests do: see judge.c; or NULL */
    bool traced;          /* it has expectations on its trace */
    bool settled;         /* its result is known: it is not run */
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
    uint64_t events; /* that are traced; 0: no limit */
};

#define RS_CONSOLE_KEPT 65536 /* bytes of a test's output */
#define RS_DETAIL_MAX 256
#define RS_DEVIATION_ID_MAX 48
#define RS_DEVIATIONS_MAX 16
#define RS_TEXT_MAX (UINT32_C(8) << 20)

/* What a result may have beside its console. X(name, key, text) */
#define RS_RESULT_TEXTS(X)                                                                         \
    X(REGISTERS, "registers", "of each vCPU at the end, of what did not pass")                     \
    X(TRACE, "trace", "the trace, as `ringscope trace` prints it, of what did not pass")           \
    X(DIFFERENCE, "difference", "expected and traced transitions, where they differ")              \
    X(TRANSITIONS, "transitions", "of traced tests: see transitions.h")

enum rs_result_text_kind {
#define X(name, key, text) RS_TEXT_##name,
    RS_RESULT_TEXTS(X)
#undef X
    RS_TEXT_COUNT
};

struct rs_result {
    enum rs_outcome outcome;
    char detail[RS_DETAIL_MAX]; /* why it did not pass; "": it did */
    double seconds;
    unsigned passed, failed, broken, skipped;    /* its claims, by outcome */
    unsigned expected_failed, unexpected_passed; /* where doctor finds that the host departs */
    unsigned attempts;
    uint32_t console_size;
    bool console_cut; /* it wrote more than is kept */
    char *console;    /* owned, NUL-terminated; may hold any byte */
    /* Lines of doctor that claims name ("# TODO deviation ID"): settle.h. */
    unsigned deviation_count;
    struct rs_result_deviation {
        char id[RS_DEVIATION_ID_MAX];
        unsigned failed, passed;
    } deviations[RS_DEVIATIONS_MAX];
    struct rs_result_text {
        uint32_t size;
        char *bytes; /* owned, NUL-terminated; NULL: there is none */
    } texts[RS_TEXT_COUNT];
};

void rs_result_free(struct rs_result *result);
/* Takes over a buffer that malloc() made. */
void rs_result_set_text(struct rs_result *result, enum rs_result_text_kind kind, char *bytes,
                        size_t size);

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
/* Counts a claim that names a line of doctor. */
void rs_judge_deviation(struct rs_result *result, const char *id, size_t length, bool ok);

/* How a test ended that has `ends`: "STOP 0x7f on IST 1", which is a bug check and the stack of its
 * handler, "triple fault", or the name of an NTSTATUS. Fills the outcome. */
struct rs_stop;
void rs_judge_end(struct rs_result *result, const char *ends, const struct rs_stop *stop);

#endif
