/* SPDX-License-Identifier: MIT
 * The known answer: a service that spins for a time that it tells, recovered by two methods. */
#ifndef RINGSCOPE_BENCH_KNOWN_H
#define RINGSCOPE_BENCH_KNOWN_H

#include "guest.h"
#include "measure.h"
#include "result.h"

/*
 * The guest's kernel spins in SysDbgSpin and returns how many ticks went by between its first and
 * its last look at the TSC. Calls spin for a long time or a short one:
 *
 *   passive  stamps of ring 3 before and after the call
 *   active   the events of its SYSCALL and SYSRET: from the resumption of the guest to the exit of
 *            the return, less the empty span
 *
 * By what a long one takes more, that is what the kernel told more, but for the stated error:
 * RS_ANSWER_SHARE of it, and for both kinds of calls how well the lower quartile of what they take
 * beside the spin is known, and how far they are apart in that. Both spin, so that what the machine
 * does to a call meanwhile is done to both. A call that was interrupted shows by what its kernel
 * told itself, which is no figure of either method: it is left out, and others are made in its
 * place. An error above RS_ANSWER_ERROR_MAX of the known time would let too much pass: not
 * recovered, too.
 */
#define RS_ANSWER_SHARE 0.02
#define RS_ANSWER_ERROR_MAX 0.4
#define RS_ANSWER_RECORDS 40
#define RS_ANSWER_MAX 1280 /* of all boots together */

enum rs_answer_spin {
    RS_ANSWER_SHORT,
    RS_ANSWER_LONG
};

struct rs_bench_known {
    uint64_t empty_span;
    uint64_t ticks; /* asked for; 0: not decided yet */
    /* Of each kind. The whole call, and what the kernel told. */
    struct rs_bench_known_call {
        double passive, active, told;
    } calls[2][RS_ANSWER_MAX];
    unsigned counts[2];
};

void rs_bench_known_init(struct rs_bench_known *known, uint64_t empty_span);

/* In a guest of the variant TRACED. Returns 0, or -1: the machine is lost, or events are missing.
 */
int rs_bench_known_measure(struct rs_bench_known *known, struct rs_bench_guest *guest,
                           struct rs_bench_batch *batch, struct rs_error *error);

/* Adds one check for each method. */
void rs_bench_known_judge(const struct rs_bench_known *known, enum rs_bench_plant plant,
                          struct rs_bench_result *result);

#endif
