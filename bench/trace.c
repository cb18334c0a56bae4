/* SPDX-License-Identifier: MIT
 * bench-trace: what a traced system call costs, and what one costs that the filter leaves out. */
#include "bundle/bundle.h"
#include "doctor/needs.h"
#include "kvm/kvm_host.h"
#include "machine/machine.h"
#include "table.h"

#include <inttypes.h>
#include <ringscope/layout.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/*
 * The program `syscall-loop` makes CALLS null system calls, once under each of the filters below,
 * REPEATS times one after the other. A repeat gives one difference, or ratio, to its own untraced
 * run: the medians of these count. The ring holds all events of a run: nobody
 * reads it meanwhile.
 *
 * Where a host's SYSCALL has to be repaired, an untraced call leaves the guest too: exits per call
 * are counted, and those of the untraced call are added to the cost as bare exits.
 */
#define REPEATS 31
#define CALLS 1500
#define CALLS_TEXT "1500"
#define BARE_EXITS 2000
#define GOAL_TRACED 2.2
#define GOAL_FILTERED 1.02

enum run {
    UNTRACED,
    TRACED,
    ONE_VECTOR,
    NO_SYSCALL,
    RUN_COUNT
};

/* NULL: nothing is hooked but what repair needs. */
static const char *const filters[RUN_COUNT][4] = {
    [UNTRACED] = {NULL},
    [TRACED] = {"syscall=all", "exception=none", "interrupt=none", "msr=none"},
    [ONE_VECTOR] = {"syscall=none", "exception=DE", "interrupt=none", "msr=none"},
    [NO_SYSCALL] = {"syscall=none", "exception=none", "interrupt=none", "msr=all"},
};

extern const unsigned char bench_pio_image[];
extern const size_t bench_pio_size;

struct sample {
    uint64_t ns, exits, events;
};

static char *arguments[] = {(char[]){"syscall-loop"}, (char[]){CALLS_TEXT}, NULL};
static struct sample samples[RUN_COUNT][REPEATS];
static uint64_t bare_exits[REPEATS];

static int parse(enum run run, struct rs_filter *filter)
{
    struct rs_filter_error error;

    rs_filter_init(filter);
    for (unsigned i = 0; i < 4; i++)
        if (rs_filter_parse(filter, filters[run][i], &error) != 0)
            return -1;
    return 0;
}

/* Other programs' time slices are not ours: what counts is the time of this thread. */
static uint64_t thread_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int run_to_end(struct rs_machine *machine, struct rs_error *error)
{
    rs_cpu_run(machine->cpus);
    return machine->stop.kind == RS_STOP_PROGRAM && machine->stop.value == 0
               ? 0
               : rs_error_set(error, RS_EXIT_CRASH, "syscall-loop did not end well: %s",
                              machine->stop.message);
}

static int measure(int kvm_fd, uint32_t needs, enum run run, struct sample *sample,
                   struct rs_error *error)
{
    struct rs_machine *machine = calloc(1, sizeof(*machine));
    struct rs_filter filter;
    struct rs_machine_config config = {
        .kernel = *rs_bundle_kernel(),
        .program = *rs_bundle_program("syscall-loop"),
        .arguments = arguments,
        .memory_size = RS_RAM_DEFAULT,
        .hooks = {.filter = filters[run][0] ? &filter : NULL, .needs = needs, .check = true},
    };
    uint64_t start;
    int result = -1;

    if (!machine || (filters[run][0] && parse(run, &filter) != 0))
        rs_error_set(error, RS_EXIT_HOST, "out of memory, or a filter that is not one");
    else if (rs_machine_create(machine, kvm_fd, &config, error) == 0) {
        start = thread_ns();
        result = run_to_end(machine, error);
        *sample = (struct sample){thread_ns() - start, machine->cpus->exits,
                                  machine->cpus->hooks.counts.events};
        rs_machine_destroy(machine);
    }
    free(machine);
    return result;
}

/* One KVM_RUN, with nothing done between two of them. */
static int measure_bare_exit(int kvm_fd, uint64_t *ns, struct rs_error *error)
{
    struct rs_machine *machine = calloc(1, sizeof(*machine));
    struct rs_machine_config config = {
        .kernel = {"bench-pio", bench_pio_image, bench_pio_size},
        .memory_size = RS_RAM_MIN,
    };
    uint64_t start;

    if (!machine || rs_machine_create(machine, kvm_fd, &config, error) != 0) {
        free(machine);
        return -1;
    }
    machine->cpus->vcpu.run->kvm_valid_regs = 0;
    rs_vcpu_run(&machine->cpus->vcpu); /* the first one builds what the others find */
    start = thread_ns();
    for (unsigned i = 0; i < BARE_EXITS; i++)
        rs_vcpu_run(&machine->cpus->vcpu);
    *ns = (thread_ns() - start) / BARE_EXITS;
    rs_machine_destroy(machine);
    free(machine);
    return 0;
}

static double exits_per_call(enum run run)
{
    return (double)samples[run][0].exits / CALLS;
}

/* The median, and an interval that holds the true one in 97 of 100 cases, whatever the
 * distribution: the values of ranks 10 and 22 of 31 (binomial). */
#define INTERVAL 6 /* ranks to either side of the median */
_Static_assert(REPEATS == 31, "INTERVAL is for 31 repeats");

struct spread {
    double low, median, high;
};

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return a < b ? -1 : a > b;
}

static struct spread spread_of(double *values)
{
    qsort(values, REPEATS, sizeof(*values), ascending);
    return (struct spread){values[REPEATS / 2 - INTERVAL], values[REPEATS / 2],
                           values[REPEATS / 2 + INTERVAL]};
}

/* A busy machine widens the interval; while the goal is inside, nothing is known. */
static const char *verdict(const struct spread *spread, double goal)
{
    if (spread->median <= goal)
        return "";
    return spread->low > goal ? "  MISSED" : "  not decided: the goal is in the interval";
}

static bool print_row(const char *what, double *values, double goal, const char *goal_text)
{
    struct spread spread = spread_of(values);

    printf("%-40s %8.3f   %.3f .. %.3f %9s%s\n", what, spread.median, spread.low, spread.high,
           goal_text, verdict(&spread, goal));
    return spread.low > goal;
}

static int print(void)
{
    double traced[REPEATS], filtered[2][REPEATS];
    int missed = 0;

    for (unsigned i = 0; i < REPEATS; i++) {
        double untraced = (double)samples[UNTRACED][i].ns;

        traced[i] = ((double)samples[TRACED][i].ns - untraced) / CALLS / (double)bare_exits[i] +
                    exits_per_call(UNTRACED);
        filtered[0][i] = (double)samples[ONE_VECTOR][i].ns / untraced;
        filtered[1][i] = (double)samples[NO_SYSCALL][i].ns / untraced;
    }
    rs_bench_heading("tracing a program of null system calls");
    printf("exits per call: untraced %.2f, traced %.2f; bare exit %" PRIu64
           " ns; events traced %" PRIu64 "\n",
           exits_per_call(UNTRACED), exits_per_call(TRACED), rs_bench_median(bare_exits, REPEATS),
           samples[TRACED][0].events);
    printf("%-40s %8s   %-14s %9s\n", "", "median", "interval", "goal");
    missed |= print_row("traced call and return, in bare exits", traced, GOAL_TRACED, "<= 2.2");
    missed |=
        print_row("run with #DE hooked, over untraced", filtered[0], GOAL_FILTERED, "<= 1.02");
    missed |=
        print_row("run with calls left out, over untraced", filtered[1], GOAL_FILTERED, "<= 1.02");
    return missed;
}

int main(void)
{
    struct rs_error error = {0};
    int kvm_fd = rs_kvm_open(&error);
    uint32_t needs;
    int result = kvm_fd < 0 ? -1 : rs_doctor_needs(kvm_fd, &needs, &error);

    for (unsigned i = 0; i < REPEATS && result == 0; i++) {
        result = measure_bare_exit(kvm_fd, &bare_exits[i], &error);
        for (enum run run = UNTRACED; run < RUN_COUNT && result == 0; run++)
            result = measure(kvm_fd, needs, (enum run)((run + i) % RUN_COUNT),
                             &samples[(run + i) % RUN_COUNT][i], &error);
    }
    if (result != 0) {
        fprintf(stderr, "bench-trace: %s\n", error.message);
        return error.exit_code;
    }
    return print();
}
