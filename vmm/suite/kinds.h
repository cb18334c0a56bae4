/* SPDX-License-Identifier: MIT
 * Kinds of tests: how a guest is made of a file, run, and what came of it. */
#ifndef RINGSCOPE_SUITE_KINDS_H
#define RINGSCOPE_SUITE_KINDS_H

#include "hooks/kinds.h"
#include "sandbox/sandbox.h"
#include "suite.h"

/* The second step of a worker's sandbox, for threads of its vCPUs. */
struct rs_confined {
    struct rs_sandbox_filter vcpu;
    bool strict;           /* no guest without descriptors of its own */
    rs_sandbox_tell *tell; /* does not return: the worker ends */
    void *context;
};

/* What a worker has for all its tests. */
struct rs_bench_place {
    int kvm_fd;
    struct rs_test_budget budget;
    uint64_t program_room; /* bytes of the longest program */
    uint32_t needs;        /* RS_NEED_* to be repaired */
    struct rs_hook_kinds hook_kinds;
    uint64_t empty_span; /* ticks that hooks of these kinds add to a span; 0: not measured */
    bool kva_shadow;
    bool verify;                        /* prove each restored state by its hash */
    unsigned cpus;                      /* vCPUs of each guest */
    bool trace;                         /* trace all tests, not only those that want it */
    bool keep_trace;                    /* of what does not pass, also of a second run if need be */
    uint32_t departures;                /* bits of RS_MEASURED_DEPARTURES */
    const struct rs_filter *filter;     /* of traced tests */
    struct rs_sandbox sandbox;          /* what a worker gives up before its first guest */
    const struct rs_confined *confined; /* worker.c: how its vCPU threads are; NULL: they are not */
};

/*
 * A kind of test. `run` is called in a process of its own kind, again and again; it fills the
 * result, whatever the guest does. -1: the machine is lost, *error says why; the worker goes on
 * with a new one.
 */
struct rs_test_kind {
    const char *name;
    int (*run)(const struct rs_bench_place *place, const struct rs_test *test,
               struct rs_result *result, struct rs_error *error);
};

/* A program of ring 3 under the bundled kernel, started from a snapshot. */
extern const struct rs_test_kind rs_kind_program;
/* Code of ring 0 that is linked with the bundled kernel, started in the program's place from the
 * same snapshot. */
extern const struct rs_test_kind rs_kind_module;
/* An ELF64 kernel of its own, at CPL 0 from its first instruction: <ringscope/abi.h>. */
extern const struct rs_test_kind rs_kind_bare;

static inline bool rs_test_is_traced(const struct rs_bench_place *place, const struct rs_test *test)
{
    return place->trace || test->traced;
}

/*
 * What the kinds have in common: runs a machine that is ready, within the budget, and keeps what it
 * wrote, how it ended, and with `watch` its trace.
 */
struct rs_machine;
struct rs_watch;
void rs_kind_run_machine(const struct rs_bench_place *place, const struct rs_test *test,
                         struct rs_machine *machine, struct rs_watch *watch,
                         struct rs_result *result);

/* kind_run.c: runs it to its end, or until the time (0: none) or the watch's budget is up. Without
 * a watch, and with one vCPU, on this thread: a full ring drops then. Threads are
 * confined as the place says. `console` is called with what the guest has written. Returns 0, or -1
 * when threads cannot be started. */
struct rs_record;
struct rs_error;
int rs_kind_run(const struct rs_bench_place *place, struct rs_machine *machine, double seconds,
                struct rs_watch *watch,
                void (*console)(void *context, const struct rs_record *record), void *context,
                struct rs_error *error);

/* Runs a test once, traced if it wants that; when it does not pass and a trace is to be kept, once
 * more for the trace alone. */
typedef int rs_kind_run_fn(const struct rs_bench_place *place, const struct rs_test *test,
                           bool traced, struct rs_result *result, struct rs_error *error);
int rs_kind_run_twice(const struct rs_bench_place *place, const struct rs_test *test,
                      rs_kind_run_fn *run, struct rs_result *result, struct rs_error *error);

#endif
