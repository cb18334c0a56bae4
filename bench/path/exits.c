/* SPDX-License-Identifier: MIT
 * bench-path: one exit. Medians of single exits: what interrupts the host adds to some of them does
 * not show, so the figures are whole instructions. */
#include "exit_cost.h"
#include "machine/machine.h"
#include "path.h"
#include "sandbox/sandbox.h"
#include "table.h"

#include <errno.h>
#include <pthread.h>
#include <ringscope/layout.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

#define HOOKED_BLOCKS 4
#define EXITS 600

extern const unsigned char bench_pio_image[];
extern const size_t bench_pio_size;

static int put_hooked(const struct rs_path *path, struct rs_error *error)
{
    struct rs_exit_cost costs[RS_EXIT_COST_KINDS];

    if (rs_exit_cost_measure(path->kvm_fd, HOOKED_BLOCKS, costs, error) != 0)
        return -1;
    rs_path_put("exit.gate", (double)costs[RS_EXIT_COST_GATE].product);
    rs_path_put("exit.gate.own",
                (double)(costs[RS_EXIT_COST_GATE].handler - costs[RS_EXIT_COST_GATE].empty));
    rs_path_put("exit.site", (double)costs[RS_EXIT_COST_SITE].product);
    rs_path_put("exit.site.own",
                (double)(costs[RS_EXIT_COST_SITE].handler - costs[RS_EXIT_COST_SITE].empty));
    return 0;
}

/* A guest of nothing but port writes that no device takes, and nothing hooked. */
struct plain {
    struct rs_machine *machine;
    uint64_t ticks[EXITS];
    bool complete;
    int sandbox_errno;
};

static bool bare_step(struct rs_machine *machine)
{
    return rs_vcpu_run(&machine->cpus->vcpu) == 0;
}

static bool product_step(struct rs_machine *machine)
{
    return rs_cpu_step(machine->cpus);
}

static void time_steps(struct plain *plain, bool (*step)(struct rs_machine *))
{
    uint64_t previous;

    plain->complete = false;
    for (unsigned i = 0; i < EXITS; i++) /* the first ones build what the others find */
        if (!step(plain->machine))
            return;
    previous = __rdtsc();
    for (unsigned i = 0; i < EXITS; i++) {
        uint64_t now;

        if (!step(plain->machine))
            return;
        now = __rdtsc();
        plain->ticks[i] = now - previous;
        previous = now;
    }
    plain->complete = true;
}

/* Not on the confined thread: it may not allocate. 0: the guest has stopped. */
static uint64_t median(struct plain *plain)
{
    return plain->complete ? rs_bench_median(plain->ticks, EXITS) : 0;
}

static void *confined_thread(void *context)
{
    struct plain *plain = context;
    struct rs_sandbox_filter filter;
    struct rs_error unused;

    plain->sandbox_errno = rs_sandbox_make_filter(&filter, RS_SANDBOX_VCPU, &unused) != 0
                               ? ENOSYS
                               : -rs_sandbox_confine(&filter, NULL, NULL);
    if (plain->sandbox_errno == 0)
        time_steps(plain, product_step);
    return NULL;
}

static int time_confined(struct plain *plain, struct rs_error *error)
{
    pthread_t thread;
    int result = pthread_create(&thread, NULL, confined_thread, plain);

    if (result != 0)
        return rs_error_errno(error, RS_EXIT_HOST, result, "a thread");
    pthread_join(thread, NULL);
    return plain->sandbox_errno == 0 ? 0
                                     : rs_error_errno(error, RS_EXIT_HOST, plain->sandbox_errno,
                                                      "the filter of a vCPU thread");
}

static int put_plain(struct plain *plain, struct rs_error *error)
{
    uint64_t bare, product, confined;

    time_steps(plain, bare_step);
    bare = median(plain);
    time_steps(plain, product_step);
    product = median(plain);
    if (time_confined(plain, error) != 0)
        return -1;
    confined = median(plain);
    if (!bare || !product || !confined)
        return rs_error_set(error, RS_EXIT_CRASH, "the guest of port writes stopped: %s",
                            plain->machine->stop.message);
    rs_path_put("exit.bare", (double)bare);
    rs_path_put("exit.pio", (double)product);
    rs_path_put("exit.pio.own", (double)(product - bare));
    rs_path_put("exit.pio.confined", (double)(confined - bare));
    return 0;
}

int rs_path_exits(const struct rs_path *path, struct rs_error *error)
{
    struct rs_machine *machine = calloc(1, sizeof(*machine));
    static struct plain plain;
    struct rs_machine_config config = {
        .kernel = {"bench-pio", bench_pio_image, bench_pio_size},
        .memory_size = RS_RAM_MIN,
    };
    int result = -1;

    if (!machine)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    if (rs_machine_create(machine, path->kvm_fd, &config, error) == 0) {
        plain.machine = machine;
        machine->cpus->unwatched = true;
        result = put_plain(&plain, error);
        rs_machine_destroy(machine);
    }
    free(machine);
    return result == 0 ? put_hooked(path, error) : -1;
}
