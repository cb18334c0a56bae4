/* SPDX-License-Identifier: MIT
 * Kinds of tests: how a guest is made of a file, run, and what came of it. */
#ifndef RINGSCOPE_SUITE_KINDS_H
#define RINGSCOPE_SUITE_KINDS_H

#include "suite.h"

/* What a worker has for all its tests. */
struct rs_bench_place {
    int kvm_fd;
    struct rs_test_budget budget;
    uint64_t program_room; /* bytes of the longest program */
    uint32_t needs;        /* RS_NEED_* to be repaired */
    bool kva_shadow;
    bool verify; /* prove each restored state by its hash */
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
/* An ELF64 kernel of its own, at CPL 0 from its first instruction: <ringscope/abi.h>. */
extern const struct rs_test_kind rs_kind_bare;

/* What both have in common: runs a machine that is ready, within the budget, and keeps what it
 * wrote and how it ended. */
struct rs_machine;
void rs_kind_run_machine(const struct rs_bench_place *place, struct rs_machine *machine,
                         struct rs_result *result);

#endif
