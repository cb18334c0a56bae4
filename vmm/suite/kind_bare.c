/* SPDX-License-Identifier: MIT
 * Tests that are kernels of their own: an ELF64 file, at CPL 0 from its first instruction. */
#include "kinds.h"

#include "machine/machine.h"

#include <stdlib.h>

/* Nothing is known of its moments, so each has a machine of its own. */
static int run(const struct rs_bench_place *place, const struct rs_test *test,
               struct rs_result *result, struct rs_error *error)
{
    struct rs_machine *machine = calloc(1, sizeof(*machine));
    struct rs_machine_config config = {
        .kernel = test->file,
        .arguments = test->arguments,
        .memory_size = place->budget.memory,
        .hooks = {.needs = place->needs},
    };
    int status;

    if (!machine)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    status = rs_machine_create(machine, place->kvm_fd, &config, error);
    if (status == 0) {
        rs_kind_run_machine(place, machine, result);
        rs_machine_destroy(machine);
    }
    free(machine);
    return status;
}

const struct rs_test_kind rs_kind_bare = {"bare", run};
