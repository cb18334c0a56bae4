/* SPDX-License-Identifier: MIT
 * Running a suite in processes of its own: nothing that happens to a guest, or to the process that
 * runs it, reaches another test. */
#ifndef RINGSCOPE_SUITE_POOL_H
#define RINGSCOPE_SUITE_POOL_H

#include "kinds.h"

#include <stdatomic.h>

struct rs_pool {
    unsigned jobs;
    unsigned retries; /* of what did not pass; 0: none */
    struct rs_bench_place place;
    /* Called with each result, in the order in which they come. */
    void (*done)(void *context, size_t index);
    void *context;
};

/* Fills results[i] for each test of the suite. Returns 0, or -1: no worker can be started, or
 * RS_EXIT_INTERRUPTED. */
int rs_pool_run(const struct rs_pool *pool, const struct rs_suite *suite, struct rs_result *results,
                struct rs_error *error);

/* What a worker leaves in memory that it shares with the pool. */
struct rs_worker_note {
    atomic_int forbidden; /* system call at which its sandbox stopped it; -1: none did */
};

/* worker.c: what such a process does; it reads numbers of tests from `fd` and writes results. */
void rs_worker_main(const struct rs_bench_place *place, const struct rs_suite *suite, int fd,
                    struct rs_worker_note *note);
/* The next result of a worker, of which nothing is believed: a guest may be what speaks. Returns 0,
 * or -1: it has died, or is no worker any longer. */
int rs_worker_receive(int fd, struct rs_result *result);

/* Of a socket: all of it. Returns 0 or -1. */
int rs_worker_write(int fd, const void *bytes, size_t size);

#endif
