/* SPDX-License-Identifier: MIT
 * Tests that are programs of ring 3, or modules: each starts from a snapshot of the bundled kernel.
 */
#include "kinds.h"
#include "watch.h"

#include "bundle/bundle.h"
#include "machine/boot.h"
#include "snapshot/snapshot.h"
#include "symbols/symbols.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * A worker keeps a few machines. One stands where the kernel has booted and takes any program; the
 * others where a program is loaded, for those with the same layout, which saves the loading.
 */
#define MACHINES_MAX 4
#define LAYOUT_WORTH 8 /* so many tests of one layout earn a machine */
#define ANY_LAYOUT UINT32_MAX
#define PAGEFILE_FACTOR 4 /* times guest memory, as for run */
#define BOOT_SECONDS 120
#define STRING_SIZE 32 /* shown of what an argument points to, as for trace */

struct prepared {
    bool used;
    unsigned layout; /* or ANY_LAYOUT */
    bool traced;
    uint64_t age; /* when it was used last */
    struct rs_machine machine;
    struct rs_snapshot snapshot;
    struct rs_machine_pagefile pagefile;
    struct rs_watch watch; /* when it is traced */
};

static struct prepared *machines[MACHINES_MAX];
static uint64_t clock_now;

static void discard(unsigned index)
{
    struct prepared *prepared = machines[index];

    machines[index] = NULL;
    if (!prepared)
        return;
    rs_snapshot_free(&prepared->snapshot);
    rs_watch_free(&prepared->watch);
    rs_machine_destroy(&prepared->machine);
    if (prepared->pagefile.fd >= 0)
        close(prepared->pagefile.fd);
    free(prepared);
}

static void pass_over(void *context, const struct rs_record *record)
{
    (void)context;
    (void)record;
}

static int boot_machine(const struct rs_bench_place *place, struct prepared *prepared,
                        struct rs_error *error)
{
    struct rs_machine *machine = &prepared->machine;

    if (rs_kind_run(place, machine, BOOT_SECONDS, prepared->traced ? &prepared->watch : NULL,
                    pass_over, NULL, error) != 0)
        return -1;
    if (machine->stop.kind != RS_STOP_READY)
        return rs_error_set(error, RS_EXIT_CRASH, "the kernel stopped before it was ready: %s",
                            machine->stop.message);
    if (prepared->traced)
        rs_watch_remember(&prepared->watch);
    return rs_snapshot_take(&prepared->snapshot, machine, error);
}

static int boot(const struct rs_bench_place *place, const struct rs_blob *program,
                struct prepared *prepared, struct rs_error *error)
{
    struct rs_machine_config config = {
        .kernel = *rs_bundle_kernel(),
        .program = program ? *program : (struct rs_blob){0},
        .ready = true,
        .program_room = place->program_room,
        .memory_size = place->budget.memory,
        .kva_shadow = place->kva_shadow,
        .cpu_count = place->cpus,
        .hooks = {.needs = place->needs,
                  .kinds = place->hook_kinds,
                  .empty_span = place->empty_span,
                  .two_roots = place->kva_shadow,
                  .filter = prepared->traced ? place->filter : NULL,
                  .check = prepared->traced,
                  .marks = prepared->traced,
                  .string_size = prepared->traced ? STRING_SIZE : 0},
    };

    prepared->pagefile = (struct rs_machine_pagefile){
        .fd = memfd_create("ringscope paging file", MFD_CLOEXEC),
        .size = PAGEFILE_FACTOR * place->budget.memory,
        .grows = true,
    };
    if (prepared->pagefile.fd < 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "a paging file in memory");
    config.pagefile = prepared->pagefile;
    if (prepared->traced &&
        rs_watch_open(&prepared->watch, place->cpus, place->departures, error) != 0)
        return -1;
    if (rs_machine_create(&prepared->machine, place->kvm_fd, &config, error) != 0) {
        rs_watch_free(&prepared->watch);
        return -1;
    }
    if (boot_machine(place, prepared, error) == 0)
        return 0;
    rs_watch_free(&prepared->watch);
    rs_machine_destroy(&prepared->machine);
    return -1;
}

/* The place that is free, or was not used for the longest time. */
static unsigned choose_place(void)
{
    unsigned oldest = 0;

    for (unsigned i = 0; i < MACHINES_MAX; i++) {
        if (!machines[i])
            return i;
        if (machines[i]->age < machines[oldest]->age)
            oldest = i;
    }
    discard(oldest);
    return oldest;
}

static int prepare(const struct rs_bench_place *place, unsigned layout, bool traced,
                   const struct rs_blob *program, unsigned *index, struct rs_error *error)
{
    struct prepared *prepared;

    for (*index = 0; *index < MACHINES_MAX; ++*index)
        if (machines[*index] && machines[*index]->layout == layout &&
            machines[*index]->traced == traced)
            return 0;
    *index = choose_place();
    prepared = calloc(1, sizeof(*prepared));
    if (!prepared)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    prepared->pagefile.fd = -1;
    prepared->layout = layout;
    prepared->traced = traced;
    if (boot(place, layout == ANY_LAYOUT ? NULL : program, prepared, error) != 0) {
        if (prepared->pagefile.fd >= 0)
            close(prepared->pagefile.fd);
        free(prepared);
        return -1;
    }
    machines[*index] = prepared;
    return 0;
}

static void keep_trace(const struct rs_test *test, struct prepared *prepared,
                       struct rs_result *result)
{
    struct rs_symbols *symbols = rs_symbols_new();

    if (symbols) {
        (void)rs_symbols_add(symbols, rs_bundle_kernel());
        (void)rs_symbols_add(symbols, &test->file);
    }
    rs_watch_put_trace(&prepared->watch, &prepared->machine, symbols, result);
    rs_symbols_free(symbols);
}

static int run_once(const struct rs_bench_place *place, const struct rs_test *test, bool traced,
                    struct rs_result *result, struct rs_error *error)
{
    bool shared = test->layout_size >= LAYOUT_WORTH && test->kind == &rs_kind_program;
    unsigned layout = shared ? test->layout : ANY_LAYOUT, index;
    struct prepared *prepared;

    if (prepare(place, layout, traced, &test->file, &index, error) != 0)
        return -1;
    prepared = machines[index];
    prepared->age = ++clock_now;
    if (rs_snapshot_restore(&prepared->snapshot, &prepared->machine, error) != 0 ||
        (place->verify &&
         rs_snapshot_verify(&prepared->snapshot, &prepared->machine, error) != 0) ||
        rs_boot_put_program(&prepared->machine, &test->file, test->arguments, error) != 0) {
        discard(index);
        return -1;
    }
    rs_kind_run_machine(place, test, &prepared->machine, traced ? &prepared->watch : NULL, result);
    if (traced && place->trace)
        rs_watch_put_transitions(&prepared->watch, result);
    if (traced && place->keep_trace && result->outcome != RS_OUTCOME_PASS)
        keep_trace(test, prepared, result);
    if (prepared->machine.stuck) /* some of its threads are, too: nothing of it can be used */
        machines[index] = NULL;
    return 0;
}

static int run(const struct rs_bench_place *place, const struct rs_test *test,
               struct rs_result *result, struct rs_error *error)
{
    return rs_kind_run_twice(place, test, run_once, result, error);
}

const struct rs_test_kind rs_kind_program = {"program", run};
const struct rs_test_kind rs_kind_module = {"module", run};
