/* SPDX-License-Identifier: MIT
 * Tests that are programs of ring 3: each starts from a snapshot of the bundled kernel. */
#include "kinds.h"

#include "bundle/bundle.h"
#include "machine/boot.h"
#include "snapshot/snapshot.h"

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

struct prepared {
    bool used;
    unsigned layout; /* or ANY_LAYOUT */
    uint64_t age;    /* when it was used last */
    struct rs_machine machine;
    struct rs_snapshot snapshot;
    struct rs_machine_pagefile pagefile;
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
    rs_machine_destroy(&prepared->machine);
    if (prepared->pagefile.fd >= 0)
        close(prepared->pagefile.fd);
    free(prepared);
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
        .hooks = {.needs = place->needs, .two_roots = place->kva_shadow},
    };

    prepared->pagefile = (struct rs_machine_pagefile){
        .fd = memfd_create("ringscope paging file", MFD_CLOEXEC),
        .size = PAGEFILE_FACTOR * place->budget.memory,
        .grows = true,
    };
    if (prepared->pagefile.fd < 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "a paging file in memory");
    config.pagefile = prepared->pagefile;
    if (rs_machine_create(&prepared->machine, place->kvm_fd, &config, error) != 0)
        return -1;
    rs_machine_run(&prepared->machine);
    if (prepared->machine.stop.kind == RS_STOP_READY &&
        rs_snapshot_take(&prepared->snapshot, &prepared->machine, error) == 0)
        return 0;
    if (prepared->machine.stop.kind != RS_STOP_READY)
        rs_error_set(error, RS_EXIT_CRASH, "the kernel stopped before it was ready: %s",
                     prepared->machine.stop.message);
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

static int prepare(const struct rs_bench_place *place, unsigned layout,
                   const struct rs_blob *program, unsigned *index, struct rs_error *error)
{
    struct prepared *prepared;

    for (*index = 0; *index < MACHINES_MAX; ++*index)
        if (machines[*index] && machines[*index]->layout == layout)
            return 0;
    *index = choose_place();
    prepared = calloc(1, sizeof(*prepared));
    if (!prepared)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    prepared->pagefile.fd = -1;
    prepared->layout = layout;
    if (boot(place, layout == ANY_LAYOUT ? NULL : program, prepared, error) != 0) {
        if (prepared->pagefile.fd >= 0)
            close(prepared->pagefile.fd);
        free(prepared);
        return -1;
    }
    machines[*index] = prepared;
    return 0;
}

static int run(const struct rs_bench_place *place, const struct rs_test *test,
               struct rs_result *result, struct rs_error *error)
{
    unsigned layout = test->layout_size >= LAYOUT_WORTH ? test->layout : ANY_LAYOUT, index;
    struct prepared *prepared;

    if (prepare(place, layout, &test->file, &index, error) != 0)
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
    rs_kind_run_machine(place, &prepared->machine, result);
    return 0;
}

const struct rs_test_kind rs_kind_program = {"program", run};
