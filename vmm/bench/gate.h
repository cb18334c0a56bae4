/* SPDX-License-Identifier: MIT
 * --gate: a condition on a result, for continuous integration. Pure. */
#ifndef RINGSCOPE_BENCH_GATE_H
#define RINGSCOPE_BENCH_GATE_H

#include "result.h"

/*
 *   gate   = term { "and" term }
 *   term   = ITEM "." STAT ( "<" | "<=" | ">" | ">=" ) limit
 *   limit  = NUMBER [ "cycles" | "ns" ] | [ NUMBER "*" ] "baseline"
 *   STAT   = min | p50 | p90 | p99 | p99.9 | max
 *
 * ITEM is a name of the table. A number without a unit is cycles. `baseline` is the same figure of
 * the result that --baseline names. Blanks may stand between words.
 */
#define RS_BENCH_GATE_STATS(X)                                                                     \
    X(MIN, "min", min)                                                                             \
    X(P50, "p50", p50)                                                                             \
    X(P90, "p90", p90)                                                                             \
    X(P999, "p99.9", p999)                                                                         \
    X(P99, "p99", p99)                                                                             \
    X(MAX, "max", max)

enum rs_bench_gate_stat {
#define X(name, text, field) RS_BENCH_GATE_##name,
    RS_BENCH_GATE_STATS(X)
#undef X
    RS_BENCH_GATE_STAT_COUNT
};

enum rs_bench_gate_unit {
    RS_BENCH_GATE_CYCLES,
    RS_BENCH_GATE_NS,
    RS_BENCH_GATE_BASELINE
};

#define RS_BENCH_GATE_TERMS_MAX 16

struct rs_bench_gate_term {
    size_t start, length; /* its text in the gate */
    char item[64];
    enum rs_bench_gate_stat stat;
    bool less, equal; /* <, <=; else >, >= */
    double number;    /* of the unit, or the baseline's factor */
    enum rs_bench_gate_unit unit;
};

struct rs_bench_gate {
    const char *text; /* the caller's */
    struct rs_bench_gate_term terms[RS_BENCH_GATE_TERMS_MAX];
    unsigned count;
    bool uses_baseline;
};

struct rs_bench_gate_error {
    size_t column; /* from 0, into the text */
    char message[160];
};

/* Returns 0, or -1 with the place and the reason. */
int rs_bench_gate_parse(struct rs_bench_gate *gate, const char *text,
                        struct rs_bench_gate_error *error);

/* Judges all terms and prints a line for each. What was skipped, or is not in a result, does not
 * hold. `baseline` may be NULL when the gate does not use it. True: all hold. */
bool rs_bench_gate_judge(const struct rs_bench_gate *gate, const struct rs_bench_result *result,
                         const struct rs_bench_result *baseline, FILE *out);

#endif
