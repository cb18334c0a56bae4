/* SPDX-License-Identifier: MIT
 * The differential fuzzer: random transitions on this host against the model. */
#ifndef RINGSCOPE_FUZZ_H
#define RINGSCOPE_FUZZ_H

#include "doctor/claim.h"
#include "error.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * A case is a state of one vCPU, its tables and an instruction or event, all random but mostly
 * near to sound. It is run in a guest and by the model; both must end in the same place with the
 * same registers and frames. A case depends on the seed and its number alone.
 *
 * X(name, text)
 */
#define RS_FUZZ_KINDS(X)                                                                           \
    X(INT_N, "INT n")                                                                              \
    X(INT3, "INT3")                                                                                \
    X(INTO, "INTO")                                                                                \
    X(INT1, "INT1")                                                                                \
    X(SYSCALL, "SYSCALL")                                                                          \
    X(SYSRET, "SYSRET")                                                                            \
    X(IRET, "IRET")                                                                                \
    X(EXCEPTION, "exceptions")                                                                     \
    X(SEGMENT, "segment loads")                                                                    \
    X(NMI, "NMI")                                                                                  \
    X(INTERRUPT, "interrupts")                                                                     \
    X(INJECTED, "injected exceptions")

enum rs_fuzz_kind {
#define X(name, text) RS_FUZZ_KIND_##name,
    RS_FUZZ_KINDS(X)
#undef X
    RS_FUZZ_KIND_COUNT
};

struct rs_fuzz_options {
    uint64_t seed;
    uint64_t first;      /* number of the first case */
    uint64_t count;      /* cases; 0: as many as the time allows */
    double seconds;      /* 0: no limit */
    bool replay;         /* one case, told in full */
    const char *command; /* how this host is chosen in a reproducer, "" or " --host tcg" */
};

/*
 * What became of the cases. X(name, text, meaning)
 */
#define RS_FUZZ_VERDICTS(X)                                                                        \
    X(AGREES, "agree", "the host does what the model says")                                        \
    X(KNOWN, "known", "it departs as the doctor's claims say that it does")                        \
    X(DISAGREES, "disagree", "neither: a bug of the host or of the model")                         \
    X(REFUSED, "refused", "KVM does not take the state before")                                    \
    X(OUTSIDE, "outside", "leads where the model does not follow; not run")

enum rs_fuzz_verdict {
#define X(name, text, meaning) RS_FUZZ_##name,
    RS_FUZZ_VERDICTS(X)
#undef X
    RS_FUZZ_VERDICT_COUNT
};

#define RS_FUZZ_GROUPS_MAX 64
#define RS_FUZZ_DEVIATIONS_MAX 128

/* Disagreements of one kind, from one ring, that differ in the same way. */
struct rs_fuzz_group {
    char text[160];
    char example[240];     /* the values of the first one */
    uint64_t count, first; /* how many; the number of the first one */
};

struct rs_fuzz_totals {
    uint64_t cases, verdicts[RS_FUZZ_KIND_COUNT][RS_FUZZ_VERDICT_COUNT];
    uint64_t deviations[RS_FUZZ_DEVIATIONS_MAX]; /* cases that each explains */
    struct rs_fuzz_group groups[RS_FUZZ_GROUPS_MAX];
    unsigned group_count;
    uint64_t ungrouped; /* disagreements past the last group */
    double seconds;
    enum rs_vendor vendor;
};

/* Measures the doctor's claims, then runs the cases. Returns 0, or -1 when no VM can be had.
 * options->replay tells the case on `out`. */
int rs_fuzz_run(int kvm_fd, const struct rs_fuzz_options *options, struct rs_fuzz_totals *totals,
                FILE *out, struct rs_error *error);

/* The summary. Returns 0, or -1: it cannot be written. */
int rs_fuzz_print(const struct rs_fuzz_options *options, const struct rs_fuzz_totals *totals,
                  FILE *out);

/* Cases with this verdict, of all kinds. */
uint64_t rs_fuzz_total(const struct rs_fuzz_totals *totals, enum rs_fuzz_verdict verdict);

/* Claim and what it says of deviation `index`; NULL past the last one. */
const char *rs_fuzz_deviation(unsigned index, const char **text);

#endif
