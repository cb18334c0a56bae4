/* SPDX-License-Identifier: MIT
 * The result of a measurement: what is printed, kept as JSON, compared and judged. */
#ifndef RINGSCOPE_BENCH_RESULT_H
#define RINGSCOPE_BENCH_RESULT_H

#include "error.h"
#include "statistics.h"

#include <stdio.h>

#define RS_BENCH_SCHEMA 1

/* What has to be known of a row's figures. X(name, letter, id, text) */
#define RS_BENCH_MARKS(X)                                                                          \
    X(NOT_ARCHITECTURAL, '~', "not-architectural",                                                 \
      "not architectural: ring 0 of the guest is interpreted or emulated here")                    \
    X(REPAIRED, 'r', "repaired",                                                                   \
      "this host gets the transition wrong: it leaves for ringscope, which puts it right")         \
    X(INTERCEPTED, 'u', "intercepted", "KVM intercepts #UD, whatever is hooked")                   \
    X(USER_EXIT, 'x', "user-exit", "leaves the guest for ringscope, on purpose")                   \
    X(UNSTABLE, 'w', "unstable", "the warm-up has not become stable")                              \
    X(UNSOUND, '!', "unsound", "stamps of the guest that make no sense were thrown away")

enum rs_bench_mark_bit {
#define X(name, letter, id, text) RS_BENCH_MARK_BIT_##name,
    RS_BENCH_MARKS(X)
#undef X
    RS_BENCH_MARK_COUNT
};
#define RS_BENCH_MARK(name) (1u << RS_BENCH_MARK_BIT_##name)

struct rs_bench_mark {
    char letter;
    const char *id, *text;
};
extern const struct rs_bench_mark rs_bench_marks[RS_BENCH_MARK_COUNT];

#define RS_BENCH_TEXT_MAX 256

/* Times are ticks of the TSC, less the empty pair of stamps. */
struct rs_bench_row {
    char name[RS_BENCH_TEXT_MAX], group[RS_BENCH_TEXT_MAX], variant[RS_BENCH_TEXT_MAX];
    char title[RS_BENCH_TEXT_MAX];
    char skipped[RS_BENCH_TEXT_MAX]; /* why; empty: it was measured, and the rest is valid */
    unsigned marks;
    unsigned warm_up; /* batches that were thrown away, of the boot that needed most */
    uint64_t unsound;
    double empty; /* what was taken off each sample */
    struct rs_bench_statistics statistics;
};

/* A known time, and what a method makes of it. */
struct rs_bench_check {
    char method[RS_BENCH_TEXT_MAX];
    double known, recovered, error; /* the stated one: |recovered - known| must not be above */
    bool ok;
};

/* The phases of a system call, added up, against the call without stamps. */
struct rs_bench_sum {
    char variant[RS_BENCH_TEXT_MAX];
    double phases, round_trip, error;
    bool agrees;
};

struct rs_bench_fact {
    char key[RS_BENCH_TEXT_MAX], value[RS_BENCH_TEXT_MAX];
};

/* Something that makes a measurement poor. `noise`: --strict refuses to measure. */
struct rs_bench_warning {
    char text[RS_BENCH_TEXT_MAX];
    bool noise;
};

#define RS_BENCH_CHECKS_MAX 8
#define RS_BENCH_SUMS_MAX 4
#define RS_BENCH_FACTS_MAX 64
#define RS_BENCH_WARNINGS_MAX 16

struct rs_bench_result {
    struct rs_bench_row *rows; /* owned */
    size_t row_count;
    unsigned boots, runs, samples; /* asked for: boots x runs x samples of each item */
    uint64_t tsc_hz;
    bool interpreted, emulated;
    double ring_0_cost; /* an instruction of ring 0 over one of ring 3; 0: not known */
    struct rs_bench_check checks[RS_BENCH_CHECKS_MAX];
    unsigned check_count;
    struct rs_bench_sum sums[RS_BENCH_SUMS_MAX];
    unsigned sum_count;
    struct rs_bench_fact facts[RS_BENCH_FACTS_MAX];
    unsigned fact_count;
    struct rs_bench_warning warnings[RS_BENCH_WARNINGS_MAX];
    unsigned warning_count;
};

/* False: a known answer was not recovered, or not asked for. */
bool rs_bench_result_valid(const struct rs_bench_result *result);
const struct rs_bench_row *rs_bench_result_find(const struct rs_bench_result *result,
                                                const char *name);
double rs_bench_ns(const struct rs_bench_result *result, double ticks);
void rs_bench_result_free(struct rs_bench_result *result);

void rs_bench_add_fact(struct rs_bench_result *result, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void rs_bench_warn(struct rs_bench_result *result, bool noise, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As docs/bench.schema.json says. 0, or -1: out of memory, or the stream failed. */
int rs_bench_write_json(const struct rs_bench_result *result, FILE *out);
/* From a file of that name. The bytes may be anything; one line says what is wrong with them. */
int rs_bench_read_json(struct rs_bench_result *result, const char *name, const void *bytes,
                       size_t size, struct rs_error *error);

/* A row each: name, cycles, nanoseconds. */
int rs_bench_write_csv(const struct rs_bench_result *result, FILE *out);
int rs_bench_print(const struct rs_bench_result *result, FILE *out);

#endif
