/* SPDX-License-Identifier: MIT
 * bench-path: one boot, and one way back to a snapshot of the booted kernel. */
#include "bundle/bundle.h"
#include "machine/boot.h"
#include "path.h"
#include "snapshot/snapshot.h"
#include "table.h"

#include <ringscope/layout.h>
#include <stdlib.h>
#include <time.h>
#include <x86intrin.h>

#define BOOTS 5
#define RESETS 21
#define ROOM (1u << 20)

static char *ready[] = {(char[]){"ready"}, NULL};
static char *hello[] = {(char[]){"hello"}, NULL};

static int ended_well(const struct rs_machine *machine, const char *name, struct rs_error *error)
{
    if (machine->stop.kind == RS_STOP_PROGRAM && machine->stop.value == 0)
        return 0;
    return rs_error_set(error, RS_EXIT_CRASH, "%s did not end well: %s", name,
                        machine->stop.message);
}

/* A processor that waits for the end of the kernel's grace periods has a clock that goes on, too:
 * what counts is this thread's time, in units of the clock. */
static double thread_ticks(double ticks_per_ns)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return ((double)now.tv_sec * 1e9 + (double)now.tv_nsec) * ticks_per_ns;
}

/* From nothing to the end of the shortest program, and to nothing again. */
static int boot(const struct rs_path *path, double *ticks_per_ns, uint64_t *instructions,
                struct rs_error *error)
{
    struct rs_machine *machine = calloc(1, sizeof(*machine));
    struct rs_machine_config config = {
        .kernel = *rs_bundle_kernel(),
        .program = *rs_bundle_program("ready"),
        .arguments = ready,
        .memory_size = RS_RAM_DEFAULT,
        .hooks = {.needs = path->needs},
    };
    double start = thread_ticks(*ticks_per_ns ? *ticks_per_ns : 1);
    int result;

    if (!machine)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    result = rs_machine_create(machine, path->kvm_fd, &config, error);
    if (result == 0) {
        *ticks_per_ns = (double)machine->tsc_hz / 1e9;
        rs_machine_run(machine);
        result = ended_well(machine, "ready", error);
        rs_machine_destroy(machine);
        *instructions = (uint64_t)(thread_ticks(*ticks_per_ns) - start);
    }
    free(machine);
    return result;
}

static int put_boots(const struct rs_path *path, struct rs_error *error)
{
    uint64_t instructions[BOOTS];
    double ticks_per_ns = 0;

    if (boot(path, &ticks_per_ns, instructions, error) != 0) /* the clock's rate, and warm */
        return -1;
    for (unsigned i = 0; i < BOOTS; i++)
        if (boot(path, &ticks_per_ns, &instructions[i], error) != 0)
            return -1;
    rs_path_put("boot", (double)rs_bench_median(instructions, BOOTS));
    return 0;
}

struct reset {
    struct rs_machine machine;
    struct rs_snapshot snapshot;
    uint64_t restore[RESETS], whole[RESETS];
};

static int start(struct reset *reset, const struct rs_path *path, struct rs_error *error)
{
    struct rs_machine_config config = {
        .kernel = *rs_bundle_kernel(),
        .ready = true,
        .program_room = ROOM,
        .memory_size = RS_RAM_DEFAULT / 2,
        .hooks = {.needs = path->needs},
    };

    if (rs_machine_create(&reset->machine, path->kvm_fd, &config, error) != 0)
        return -1;
    rs_machine_run(&reset->machine);
    if (reset->machine.stop.kind == RS_STOP_READY &&
        rs_snapshot_take(&reset->snapshot, &reset->machine, error) == 0)
        return 0;
    if (reset->machine.stop.kind != RS_STOP_READY)
        rs_error_set(error, RS_EXIT_CRASH, "the kernel stops before it is ready: %s",
                     reset->machine.stop.message);
    rs_machine_destroy(&reset->machine);
    return -1;
}

static void drop_records(struct rs_stream *stream)
{
    while (rs_stream_peek(stream))
        rs_stream_consume(stream);
}

/* The clock interrupt of the host's kernel comes every 400,000 instructions, in about every second
 * restore: the shortest has none. */
static uint64_t least(const uint64_t *values, unsigned count)
{
    uint64_t result = values[0];

    for (unsigned i = 1; i < count; i++)
        result = values[i] < result ? values[i] : result;
    return result;
}

/* Back to the snapshot, and a program from there to its end: what a test costs. */
static int once(struct reset *reset, uint64_t *restore, uint64_t *whole, struct rs_error *error)
{
    uint64_t begun = __rdtsc();

    if (rs_snapshot_restore(&reset->snapshot, &reset->machine, error) != 0)
        return -1;
    *restore = __rdtsc() - begun;
    if (rs_boot_put_program(&reset->machine, rs_bundle_program("hello"), hello, error) != 0)
        return -1;
    rs_machine_run(&reset->machine);
    *whole = __rdtsc() - begun;
    drop_records(&reset->machine.cpus->stream);
    return ended_well(&reset->machine, "hello", error);
}

static int put_resets(struct reset *reset, struct rs_error *error)
{
    uint64_t unused[2];

    /* The first two have other pages to put back. */
    for (unsigned i = 0; i < 2; i++)
        if (once(reset, &unused[0], &unused[1], error) != 0)
            return -1;
    for (unsigned i = 0; i < RESETS; i++)
        if (once(reset, &reset->restore[i], &reset->whole[i], error) != 0)
            return -1;
    rs_path_put("reset", (double)least(reset->restore, RESETS));
    rs_path_put("reset.run", (double)rs_bench_median(reset->whole, RESETS));
    rs_path_put("reset.pages", (double)reset->snapshot.pages_restored);
    return 0;
}

int rs_path_boots(const struct rs_path *path, struct rs_error *error)
{
    struct reset *reset = calloc(1, sizeof(*reset));
    int result;

    if (!reset)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    result = put_boots(path, error);
    if (result == 0 && (result = start(reset, path, error)) == 0) {
        result = put_resets(reset, error);
        rs_snapshot_free(&reset->snapshot);
        rs_machine_destroy(&reset->machine);
    }
    free(reset);
    return result;
}
