/* SPDX-License-Identifier: MIT
 * The fingerprint of a measurement: all that its figures depend on, and what makes them poor. */
#ifndef RINGSCOPE_BENCH_FINGERPRINT_H
#define RINGSCOPE_BENCH_FINGERPRINT_H

#include "host.h"
#include "result.h"

/* Pins the calling thread to the processor that it is on; -1: it cannot be. */
int rs_bench_pin(void);

/* Adds facts and warnings. `cpu`: what rs_bench_pin() returned. Before the measurement: the load is
 * the machine's own then. */
void rs_bench_fingerprint(struct rs_bench_result *result, const struct rs_bench_host *host,
                          int cpu);

/* What only the measurement shows: interpreted or emulated ring 0. */
void rs_bench_fingerprint_end(struct rs_bench_result *result);

#endif
