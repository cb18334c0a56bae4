/* SPDX-License-Identifier: MIT
 * What one gate, site and PIO exit takes through ringscope, and in a bare KVM_RUN loop. */
#include "exit_cost.h"

#include "exits/exits.h"
#include "hooks/internal.h"
#include "machine/machine.h"
#include "table.h"

#include <ringscope/layout.h>
#include <stdlib.h>
#include <x86intrin.h>

/*
 * One guest, one vCPU, one run: blocks of exits handled by ringscope alternate with blocks handled
 * by a loop that only puts RIP where the guest must go on. An interval is from one return of
 * KVM_RUN to the next; it belongs to the exit that it begins with. The handler's own share is what
 * lies between the return of KVM_RUN and the next call, less the same of the bare loop: the empty
 * handler.
 */
#define EXITS_PER_BLOCK 600
#define WARM_UP_EXITS 3000
#define SAMPLES_MAX (RS_EXIT_BLOCKS_MAX * EXITS_PER_BLOCK)

struct samples {
    uint64_t ticks[RS_EXIT_COST_KINDS][SAMPLES_MAX];
    size_t count[RS_EXIT_COST_KINDS];
};

static struct samples bare, product, own, empty;

extern const unsigned char bench_exits_image[];
extern const size_t bench_exits_size;

static enum rs_exit_cost_kind kind_of(const struct rs_machine *machine)
{
    const struct kvm_run *run = machine->cpus->vcpu.run;

    if (run->exit_reason == KVM_EXIT_INTERNAL_ERROR)
        return RS_EXIT_COST_GATE;
    return run->io.port == RS_PORT_SITE ? RS_EXIT_COST_SITE : RS_EXIT_COST_PIO;
}

static void add(struct samples *samples, enum rs_exit_cost_kind kind, uint64_t ticks)
{
    samples->ticks[kind][samples->count[kind]++] = ticks;
}

/* The events carry when their exit was seen and when the guest ran on: the handler's own share. */
static void drain(struct rs_machine *machine, struct samples *samples)
{
    const struct rs_record *record;

    while ((record = rs_stream_peek(&machine->cpus->stream)) != NULL) {
        const struct rs_event *event = &record->event;

        if (samples && record->type == RS_RECORD_EVENT && event->kind != RS_EVENT_RDMSR)
            add(samples, event->kind == RS_EVENT_IRET ? RS_EXIT_COST_SITE : RS_EXIT_COST_GATE,
                event->tsc_resume - event->tsc_exit);
        rs_stream_consume(&machine->cpus->stream);
    }
}

/* The exit that a block begins with has no known beginning; the first interval is left out. */
static bool product_block(struct rs_machine *machine, unsigned exits, struct samples *samples)
{
    uint64_t previous = 0;
    enum rs_exit_cost_kind kind = RS_EXIT_COST_PIO;

    for (unsigned i = 0; i < exits; i++) {
        if (!rs_cpu_step(machine->cpus))
            return false;
        if (i > 0 && samples)
            add(samples, kind, machine->cpus->hooks.tsc_exit - previous);
        previous = machine->cpus->hooks.tsc_exit;
        kind = kind_of(machine);
    }
    drain(machine, samples ? &own : NULL);
    return true;
}

static void bare_handle(struct rs_machine *machine, uint64_t handler, uint64_t pristine)
{
    switch (kind_of(machine)) {
    case RS_EXIT_COST_GATE:
        rs_vcpu_regs(&machine->cpus->vcpu)->rip = handler;
        rs_vcpu_regs_dirty(&machine->cpus->vcpu);
        break;
    case RS_EXIT_COST_SITE:
        rs_vcpu_regs(&machine->cpus->vcpu)->rip = pristine;
        rs_vcpu_regs_dirty(&machine->cpus->vcpu);
        break;
    default:
        break;
    }
}

static bool bare_block(struct rs_machine *machine, unsigned exits, struct samples *samples)
{
    struct rs_gate gate;
    uint64_t pristine = rs_window_address(&machine->cpus->hooks, RS_WINDOW_PRISTINE, 0);
    uint64_t previous = 0;
    enum rs_exit_cost_kind kind = RS_EXIT_COST_PIO;

    rs_gate_decode(machine->cpus->hooks.idt->gates[RS_VECTOR_UD], &gate);
    rs_hooks_resume(&machine->cpus->hooks, __rdtsc());
    rs_sites_arm(&machine->cpus->hooks, true);
    machine->cpus->vcpu.run->kvm_valid_regs = KVM_SYNC_X86_REGS; /* no more than it needs */
    for (unsigned i = 0; i < exits; i++) {
        uint64_t now;

        if (rs_vcpu_run(&machine->cpus->vcpu) != 0)
            return false;
        now = __rdtsc();
        if (i > 0)
            add(samples, kind, now - previous);
        previous = now;
        kind = kind_of(machine);
        bare_handle(machine, gate.offset, pristine);
        add(&empty, kind, __rdtsc() - now);
    }
    machine->cpus->vcpu.run->kvm_valid_regs = KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS;
    rs_sites_arm(&machine->cpus->hooks, false);
    return true;
}

/* Blocks end after a RS_EXIT_COST_PIO exit: no entry is open then. */
static bool align(struct rs_machine *machine)
{
    do {
        if (!rs_cpu_step(machine->cpus))
            return false;
    } while (kind_of(machine) != RS_EXIT_COST_PIO);
    return true;
}

static bool measure(struct rs_machine *machine, unsigned blocks)
{
    if (!product_block(machine, WARM_UP_EXITS, NULL) || !align(machine))
        return false;
    for (unsigned block = 0; block < blocks; block++)
        if (!product_block(machine, EXITS_PER_BLOCK, &product) ||
            !bare_block(machine, EXITS_PER_BLOCK, &bare))
            return false;
    return true;
}

static void take(struct rs_exit_cost costs[RS_EXIT_COST_KINDS])
{
    for (unsigned i = 0; i < RS_EXIT_COST_KINDS; i++)
        costs[i] = (struct rs_exit_cost){
            .bare = rs_bench_median(bare.ticks[i], bare.count[i]),
            .product = rs_bench_median(product.ticks[i], product.count[i]),
            .handler = rs_bench_median(own.ticks[i], own.count[i]),
            .empty = rs_bench_median(empty.ticks[i], empty.count[i]),
            .has_handler = own.count[i] > 0,
        };
}

static int parse(struct rs_filter *filter, struct rs_error *error)
{
    static const char *const restrictions[] = {"syscall=none", "interrupt=none", "msr=none",
                                               "exception=UD"};
    struct rs_filter_error filter_error;

    rs_filter_init(filter);
    for (size_t i = 0; i < sizeof(restrictions) / sizeof(restrictions[0]); i++)
        if (rs_filter_parse(filter, restrictions[i], &filter_error) != 0)
            return rs_error_set(error, RS_EXIT_USAGE, "%s: refused", restrictions[i]);
    return 0;
}

int rs_exit_cost_measure(int kvm_fd, unsigned blocks, struct rs_exit_cost costs[RS_EXIT_COST_KINDS],
                         struct rs_error *error)
{
    struct rs_machine *machine = calloc(1, sizeof(*machine));
    struct rs_filter filter;
    struct rs_machine_config config = {
        .kernel = {"bench-exits", bench_exits_image, bench_exits_size},
        .memory_size = RS_RAM_MIN,
        .hooks = {.filter = &filter, .check = true},
    };
    int result = -1;

    if (!machine)
        return rs_error_set(error, RS_EXIT_HOST, "out of memory");
    if (parse(&filter, error) == 0 &&
        (result = rs_machine_create(machine, kvm_fd, &config, error)) == 0) {
        if (!measure(machine, blocks))
            result = rs_error_set(error, RS_EXIT_CRASH, "%s", machine->stop.message);
        rs_machine_destroy(machine);
    }
    free(machine);
    if (result == 0)
        take(costs);
    return result;
}
