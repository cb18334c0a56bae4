/* SPDX-License-Identifier: MIT
 * Tests that are kernels of their own: an ELF64 file, at CPL 0 from its first instruction. */
#include "kinds.h"
#include "watch.h"

#include "machine/machine.h"
#include "symbols/symbols.h"

#include <stdlib.h>

static void keep_trace(const struct rs_test *test, const struct rs_watch *watch,
                       struct rs_machine *machine, struct rs_result *result)
{
    struct rs_symbols *symbols = rs_symbols_new();

    if (symbols)
        (void)rs_symbols_add(symbols, &test->file);
    rs_watch_put_trace(watch, machine, symbols, result);
    rs_symbols_free(symbols);
}

static int run_machine(const struct rs_bench_place *place, const struct rs_test *test,
                       struct rs_machine *machine, bool traced, struct rs_result *result,
                       struct rs_error *error)
{
    struct rs_machine_config config = {
        .kernel = test->file,
        .arguments = test->arguments,
        .memory_size = place->budget.memory,
        .cpu_count = place->cpus,
        .hooks = {.needs = place->needs,
                  .kinds = place->hook_kinds,
                  .empty_span = place->empty_span,
                  .filter = traced ? place->filter : NULL,
                  .check = traced,
                  .marks = traced},
    };
    struct rs_watch watch = {0};

    if (traced && rs_watch_open(&watch, place->cpus, place->departures, error) != 0)
        return -1;
    if (rs_machine_create(machine, place->kvm_fd, &config, error) != 0) {
        rs_watch_free(&watch);
        return -1;
    }
    rs_kind_run_machine(place, test, machine, traced ? &watch : NULL, result);
    if (traced && place->trace)
        rs_watch_put_transitions(&watch, result);
    if (traced && place->keep_trace && result->outcome != RS_OUTCOME_PASS)
        keep_trace(test, &watch, machine, result);
    rs_machine_destroy(machine);
    rs_watch_free(&watch);
    return 0;
}

/* Nothing is known of its moments, so each has a machine of its own. */
static int run_once(const struct rs_bench_place *place, const struct rs_test *test, bool traced,
                    struct rs_result *result, struct rs_error *error)
{
    struct rs_machine *machine = calloc(1, sizeof(*machine));
    int status;

    if (!machine)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    status = run_machine(place, test, machine, traced, result, error);
    free(machine);
    return status;
}

static int run(const struct rs_bench_place *place, const struct rs_test *test,
               struct rs_result *result, struct rs_error *error)
{
    return rs_kind_run_twice(place, test, run_once, result, error);
}

const struct rs_test_kind rs_kind_bare = {"bare", run};
