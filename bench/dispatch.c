/* SPDX-License-Identifier: MIT
 * bench-dispatch: handling one exit and recording its event, with fabricated exits and without KVM.
 */
#include "exits/exits.h"
#include "fake_guest.h"
#include "table.h"
#include "trace/clock.h"

#include <inttypes.h>
#include <ringscope/x86/cpu.h>
#include <stdio.h>
#include <x86intrin.h>

/*
 * What is timed is what stands between the return of KVM_RUN and the next one: the dispatcher, the
 * event's stamp, its publishing. An empty handler, timed in the same round, is taken off. Each kind
 * of event is measured RUNS times; the median of the runs' medians counts.
 */
#define RUNS 9
#define ROUNDS 20000
#define GOAL_NS 150
#define USER_FLAGS (RFLAGS_FIXED | RFLAGS_IF)

enum kind {
    EMPTY,
    EXCEPTION,
    IRETQ,
    SYSCALL,
    SYSRETQ,
    PIO, /* the first that is no event */
    MMIO,
    KIND_COUNT
};
static const char *const kind_names[] = {"empty handler",  "exception gate", "IRETQ site",
                                         "SYSCALL gate",   "SYSRETQ site",   "PIO, no device",
                                         "MMIO, no device"};
#define EVENTS_PER_ROUND (PIO - EXCEPTION)
#define SILENT_PORT 0x2f0
#define SILENT_ADDRESS 0xd0100000

static uint64_t ticks[KIND_COUNT][ROUNDS];
static uint64_t medians[KIND_COUNT][RUNS];

/* Neither begins before what stands above it has ended, nor lets what follows begin. */
static uint64_t ordered_tsc(void)
{
    uint64_t tsc;

    _mm_lfence();
    tsc = __rdtsc();
    _mm_lfence();
    return tsc;
}

/* An exit leaves no store on its way to memory: the fabricated one must not, either. */
static uint64_t time_one(struct rs_machine *machine,
                         enum rs_exit_action (*handle)(struct rs_cpu *cpu))
{
    uint64_t start;

    _mm_mfence();
    start = ordered_tsc();
    machine->cpus->hooks.tsc_exit = start;
    handle(machine->cpus);
    rs_hooks_resume(&machine->cpus->hooks, start);
    return ordered_tsc() - start;
}

static enum rs_exit_action handle_nothing(struct rs_cpu *cpu)
{
    (void)cpu;
    return RS_EXIT_RESUME;
}

/* One transition in and one out, twice: through the IDT, and by SYSCALL. */
static void measure_round(struct rs_machine *machine, unsigned round)
{
    ticks[EMPTY][round] = time_one(machine, handle_nothing);
    fake_guest_deliver(machine->cpus, 6, FAKE_CODE, USER_FLAGS | RFLAGS_RF, false, 0);
    ticks[EXCEPTION][round] = time_one(machine, rs_exit_handle);
    fake_guest_site(machine->cpus, FAKE_IRETQ);
    ticks[IRETQ][round] = time_one(machine, rs_exit_handle);
    fake_guest_syscall(machine->cpus, 0, USER_FLAGS);
    ticks[SYSCALL][round] = time_one(machine, rs_exit_handle);
    fake_guest_site(machine->cpus, FAKE_SYSRETQ);
    ticks[SYSRETQ][round] = time_one(machine, rs_exit_handle);
}

/* An access that no device answers, with as many devices there as a machine has. */
static void measure_access(struct rs_machine *machine, unsigned round)
{
    struct kvm_run *run = machine->cpus->vcpu.run;

    run->exit_reason = KVM_EXIT_IO;
    run->io.direction = KVM_EXIT_IO_OUT;
    run->io.size = 1;
    run->io.count = 1;
    run->io.port = SILENT_PORT;
    run->io.data_offset = sizeof(*run);
    ticks[PIO][round] = time_one(machine, rs_exit_handle);
    run->exit_reason = KVM_EXIT_MMIO;
    run->mmio.phys_addr = SILENT_ADDRESS;
    run->mmio.len = 4;
    run->mmio.is_write = 1;
    ticks[MMIO][round] = time_one(machine, rs_exit_handle);
}

static void answer_nothing(void *device, struct rs_port_io *io)
{
    (void)device;
    (void)io;
}

static void add_devices(struct rs_machine *machine)
{
    for (uint16_t i = 0; i < RS_PORT_DEVICES_MAX; i++)
        rs_ports_add(&machine->ports, (uint16_t)(0x400 + i), (uint16_t)(0x400 + i), answer_nothing,
                     NULL);
}

/* How many events came out: as many as went in, or the figures are about something else. */
static unsigned drain(struct rs_machine *machine)
{
    const struct rs_record *record;
    unsigned events = 0;

    while ((record = rs_stream_peek(&machine->cpus->stream)) != NULL) {
        events += record->type == RS_RECORD_EVENT && record->event.deviations == 0;
        rs_stream_consume(&machine->cpus->stream);
    }
    return events;
}

static int measure(struct rs_machine *machine)
{
    for (unsigned run = 0; run < RUNS; run++) {
        for (unsigned round = 0; round < ROUNDS; round++) {
            measure_round(machine, round);
            measure_access(machine, round);
            if (drain(machine) != EVENTS_PER_ROUND)
                return -1;
        }
        for (enum kind kind = EMPTY; kind < KIND_COUNT; kind++)
            medians[kind][run] = rs_bench_median(ticks[kind], ROUNDS);
    }
    return 0;
}

static int print(void)
{
    uint64_t empty = rs_bench_median(medians[EMPTY], RUNS);
    struct rs_clock clock;
    int missed = 0;

    rs_clock_start(&clock, 0);
    rs_bench_heading("handling and recording one event, without KVM");
    printf("TSC %.0f MHz; empty handler %" PRIu64 " ticks, taken off\n", (double)clock.tsc_hz / 1e6,
           empty);
    printf("%-16s %8s %8s %10s\n", "exit", "ticks", "ns", "goal");
    for (enum kind kind = EXCEPTION; kind < KIND_COUNT; kind++) {
        uint64_t own = rs_bench_median(medians[kind], RUNS) - empty;
        uint64_t ns = rs_clock_ns(&clock, own);

        printf("%-16s %8" PRIu64 " %8" PRIu64, kind_names[kind], own, ns);
        if (kind < PIO)
            printf(" %7s %d%s", "<=", GOAL_NS, ns <= GOAL_NS ? "" : "  MISSED");
        putchar('\n');
        missed |= kind < PIO && ns > GOAL_NS;
    }
    return missed;
}

int main(void)
{
    struct rs_filter filter;
    struct rs_machine *machine;
    int result;

    rs_filter_init(&filter);
    machine = fake_guest_new(&filter, 0);
    machine->cpus->vcpu.run->exit_reason = KVM_EXIT_MMIO; /* the first exit arms the IDT */
    rs_exit_handle(machine->cpus);
    fake_guest_hook_syscall(machine->cpus);
    add_devices(machine);
    result = measure(machine);
    fake_guest_free(machine);
    if (result != 0) {
        fprintf(stderr, "bench-dispatch: events are missing or depart from the model\n");
        return result;
    }
    return print();
}
