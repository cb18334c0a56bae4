/* SPDX-License-Identifier: MIT
 * A worker that does what it must not: `violate_worker CALL worker|vcpu` runs three tests on one
 * worker, and in the second one CALL is made, on the worker's thread or on that of a vCPU. Pool,
 * worker and sandbox are the product's own; what differs is the second test's kind. Prints the
 * outcomes. CALL foreign-files looks from a vCPU's thread for descriptors that it does not use. */
#include "forbidden.h"

#include "bundle/bundle.h"
#include "doctor/needs.h"
#include "kvm/kvm_host.h"
#include "machine/machine.h"
#include "suite/pool.h"
#include "suite/watch.h"
#include "trace/filter.h"

#include <errno.h>
#include <ringscope/layout.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define AT_EVENT 10
#define SECONDS 60
#define FILES 512 /* that a worker may have open */

static forbidden_fn *make_call;

static int used[RS_CPU_FILES]; /* by the only vCPU's thread */
static unsigned tried, reached;

static bool is_used(int fd)
{
    for (unsigned i = 0; i < RS_CPU_FILES; i++)
        if (used[i] == fd)
            return true;
    return false;
}

/* A read of no bytes tells whether there is something to be read from, by a call that the thread
 * may make. */
static void call_foreign_files(void)
{
    char none;

    for (int fd = 0; fd < FILES; fd++) {
        if (is_used(fd))
            continue;
        tried++;
        reached += syscall(SYS_pread64, fd, &none, 0, 0) != -1 || errno != EBADF;
    }
}

static bool at_event(void *context, const struct rs_event *event)
{
    unsigned *events = context;

    (void)event;
    if (++*events == AT_EVENT)
        make_call();
    return false;
}

static int on_worker(const struct rs_bench_place *place, const struct rs_test *test,
                     struct rs_result *result, struct rs_error *error)
{
    make_call();
    return rs_kind_program.run(place, test, result, error);
}

static int run_machine(const struct rs_bench_place *place, const struct rs_test *test,
                       struct rs_machine *machine, struct rs_watch *watch, struct rs_result *result,
                       struct rs_error *error)
{
    struct rs_machine_config config = {
        .kernel = *rs_bundle_kernel(),
        .program = test->file,
        .arguments = test->arguments,
        .memory_size = place->budget.memory,
        .cpu_count = place->cpus,
        .hooks = {.needs = place->needs, .filter = place->filter, .marks = true},
    };
    unsigned events = 0;

    if (rs_machine_create(machine, place->kvm_fd, &config, error) != 0)
        return -1;
    machine->until = at_event;
    machine->until_context = &events;
    rs_cpu_files(&machine->cpus[0], used);
    rs_kind_run_machine(place, test, machine, watch, result);
    if (tried > 0)
        snprintf(result->detail, sizeof(result->detail), "of %u descriptors %u are there", tried,
                 reached);
    rs_machine_destroy(machine);
    return 0;
}

static int on_vcpu(const struct rs_bench_place *place, const struct rs_test *test,
                   struct rs_result *result, struct rs_error *error)
{
    struct rs_machine *machine = calloc(1, sizeof(*machine));
    struct rs_watch watch = {0};
    int status = -1;

    if (machine && rs_watch_open(&watch, place->cpus, place->departures, error) == 0)
        status = run_machine(place, test, machine, &watch, result, error);
    rs_watch_free(&watch);
    free(machine);
    return status;
}

static const struct rs_test_kind worker_kind = {"violating", on_worker};
static const struct rs_test_kind vcpu_kind = {"violating", on_vcpu};

static void done(void *context, size_t index)
{
    (void)context;
    (void)index;
}

static int find_needs(uint32_t *needs, struct rs_error *error)
{
    int kvm_fd = rs_kvm_open(error);
    int status = kvm_fd >= 0 ? rs_doctor_needs(kvm_fd, needs, error) : -1;

    if (kvm_fd >= 0)
        close(kvm_fd);
    return status;
}

static int run(struct rs_suite *suite, struct rs_result *results, struct rs_error *error)
{
    static struct rs_filter filter;
    struct rs_pool pool = {
        .jobs = 1,
        .place = {.budget = {.seconds = SECONDS, .memory = RS_RAM_DEFAULT},
                  .cpus = 1,
                  .filter = &filter,
                  .sandbox = {.mode = RS_SANDBOX_ON}},
        .done = done,
    };

    rs_filter_init(&filter);
    if (find_needs(&pool.place.needs, error) != 0)
        return -1;
    for (size_t i = 0; i < suite->count; i++)
        if (suite->tests[i].file.size >= pool.place.program_room)
            pool.place.program_room = suite->tests[i].file.size + 1;
    return rs_pool_run(&pool, suite, results, error);
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"runtime", "exceptions", "files"};
    struct rs_result results[3] = {{0}};
    struct rs_suite suite = {0};
    struct rs_error error;

    if (argc == 3)
        make_call =
            strcmp(argv[1], "foreign-files") == 0 ? call_foreign_files : forbidden_call(argv[1]);
    if (!make_call) {
        fprintf(stderr, "usage: violate_worker CALL worker|vcpu\n");
        return RS_EXIT_USAGE;
    }
    for (unsigned i = 0; i < 3; i++) {
        if (rs_suite_add(&suite, names[i], &error) != 0)
            goto failed;
    }
    suite.tests[1].kind = strcmp(argv[2], "vcpu") == 0 ? &vcpu_kind : &worker_kind;
    if (run(&suite, results, &error) != 0)
        goto failed;
    for (size_t i = 0; i < suite.count; i++) {
        printf("%s %s\n", rs_outcome_text(results[i].outcome), results[i].detail);
        rs_result_free(&results[i]);
    }
    rs_suite_free(&suite);
    return 0;
failed:
    fprintf(stderr, "ringscope: %s\n", error.message);
    return error.exit_code;
}
