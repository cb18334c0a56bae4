/* SPDX-License-Identifier: MIT
 * bench-exits: one gate, site and PIO exit through ringscope over the same in a bare KVM_RUN loop.
 */
#include "exits/exits.h"
#include "hooks/internal.h"
#include "kvm/kvm_host.h"
#include "machine/machine.h"
#include "table.h"
#include "trace/clock.h"

#include <inttypes.h>
#include <ringscope/layout.h>
#include <stdio.h>
#include <stdlib.h>
#include <x86intrin.h>

/*
 * One guest, one vCPU, one run: blocks of exits handled by ringscope alternate with blocks handled
 * by a loop that only puts RIP where the guest must go on. An interval is from one return of
 * KVM_RUN to the next; it belongs to the exit that it begins with. The handler's own share is what
 * lies between the return of KVM_RUN and the next call, less the same of the bare loop: the empty
 * handler.
 */
#define BLOCKS 40
#define EXITS_PER_BLOCK 600
#define WARM_UP_EXITS 3000
#define SAMPLES_MAX (BLOCKS * EXITS_PER_BLOCK)
#define GOAL 1.10
#define GOAL_OWN_NS 150

enum kind {
    GATE,
    SITE,
    PIO,
    KIND_COUNT
};
static const char *const kind_names[] = {"gate", "site", "PIO"};

struct samples {
    uint64_t ticks[KIND_COUNT][SAMPLES_MAX];
    size_t count[KIND_COUNT];
};

static struct samples bare, product, own, empty;

extern const unsigned char bench_exits_image[];
extern const size_t bench_exits_size;

static enum kind kind_of(const struct rs_machine *machine)
{
    const struct kvm_run *run = machine->cpus->vcpu.run;

    if (run->exit_reason == KVM_EXIT_INTERNAL_ERROR)
        return GATE;
    return run->io.port == RS_PORT_SITE ? SITE : PIO;
}

static void add(struct samples *samples, enum kind kind, uint64_t ticks)
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
            add(samples, event->kind == RS_EVENT_IRET ? SITE : GATE,
                event->tsc_resume - event->tsc_exit);
        rs_stream_consume(&machine->cpus->stream);
    }
}

/* The exit that a block begins with has no known beginning; the first interval is left out. */
static bool product_block(struct rs_machine *machine, unsigned exits, struct samples *samples)
{
    uint64_t previous = 0;
    enum kind kind = PIO;

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
    case GATE:
        rs_vcpu_regs(&machine->cpus->vcpu)->rip = handler;
        rs_vcpu_regs_dirty(&machine->cpus->vcpu);
        break;
    case SITE:
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
    enum kind kind = PIO;

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

/* Blocks end after a PIO exit: no entry is open then. */
static bool align(struct rs_machine *machine)
{
    do {
        if (!rs_cpu_step(machine->cpus))
            return false;
    } while (kind_of(machine) != PIO);
    return true;
}

static bool measure(struct rs_machine *machine)
{
    if (!product_block(machine, WARM_UP_EXITS, NULL) || !align(machine))
        return false;
    for (unsigned block = 0; block < BLOCKS; block++)
        if (!product_block(machine, EXITS_PER_BLOCK, &product) ||
            !bare_block(machine, EXITS_PER_BLOCK, &bare))
            return false;
    return true;
}

/* true: the goal is missed. */
static bool print_own(const struct rs_clock *clock, enum kind kind)
{
    uint64_t handler = rs_bench_median(own.ticks[kind], own.count[kind]);
    uint64_t nothing = rs_bench_median(empty.ticks[kind], empty.count[kind]);
    uint64_t ns = rs_clock_ns(clock, handler > nothing ? handler - nothing : 0);

    if (own.count[kind] == 0)
        return false;
    printf(" %8" PRIu64 " %6" PRIu64 " %8" PRIu64 " %8s%s", handler, nothing, ns, "<= 150",
           ns <= GOAL_OWN_NS ? "" : "  MISSED");
    return ns > GOAL_OWN_NS;
}

static int print(void)
{
    struct rs_clock clock;
    bool missed = false;

    rs_clock_start(&clock, 0);
    rs_bench_heading("cost of one exit, median TSC ticks");
    printf("%-6s %10s %10s %8s %8s %8s %6s %8s %8s\n", "exit", "bare loop", "ringscope", "ratio",
           "goal", "handler", "empty", "own ns", "goal");
    for (enum kind kind = GATE; kind < KIND_COUNT; kind++) {
        uint64_t base = rs_bench_median(bare.ticks[kind], bare.count[kind]);
        uint64_t ours = rs_bench_median(product.ticks[kind], product.count[kind]);
        double ratio = base ? (double)ours / (double)base : 0;

        printf("%-6s %10" PRIu64 " %10" PRIu64 " %8.3f %8s", kind_names[kind], base, ours, ratio,
               "<= 1.10");
        missed |= print_own(&clock, kind);
        printf("%s\n", ratio <= GOAL ? "" : "  MISSED");
        missed |= ratio > GOAL;
    }
    return missed;
}

static int run(int kvm_fd)
{
    struct rs_machine *machine = calloc(1, sizeof(*machine));
    struct rs_filter filter;
    struct rs_filter_error filter_error;
    struct rs_machine_config config = {
        .kernel = {"bench-exits", bench_exits_image, bench_exits_size},
        .memory_size = RS_RAM_MIN,
        .hooks = {.filter = &filter, .check = true},
    };
    struct rs_error error = {0};
    int result = RS_EXIT_CRASH;

    rs_filter_init(&filter);
    if (!machine || rs_filter_parse(&filter, "syscall=none", &filter_error) != 0 ||
        rs_filter_parse(&filter, "interrupt=none", &filter_error) != 0 ||
        rs_filter_parse(&filter, "msr=none", &filter_error) != 0 ||
        rs_filter_parse(&filter, "exception=UD", &filter_error) != 0 ||
        rs_machine_create(machine, kvm_fd, &config, &error) != 0) {
        fprintf(stderr, "bench-exits: %s\n", error.message);
        free(machine);
        return RS_EXIT_HOST;
    }
    if (measure(machine))
        result = print();
    else
        fprintf(stderr, "bench-exits: %s\n", machine->stop.message);
    rs_machine_destroy(machine);
    free(machine);
    return result;
}

int main(void)
{
    struct rs_error error;
    int kvm_fd = rs_kvm_open(&error);

    if (kvm_fd < 0) {
        fprintf(stderr, "bench-exits: %s\n", error.message);
        return error.exit_code;
    }
    return run(kvm_fd);
}
