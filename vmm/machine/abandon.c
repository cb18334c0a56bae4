/* SPDX-License-Identifier: MIT
 * A vCPU thread that ends where it is, whatever it holds: the others, and the trace, go on to an
 * end. */
#include "internal.h"

#include <time.h>

#define PATIENCE_NS UINT64_C(1000000000)

/* In a signal handler. The stream is quiet: what others publish does not wait for this one. */
void rs_cpu_abandon(struct rs_cpu *cpu, enum rs_stop_kind kind, uint32_t value)
{
    struct rs_machine *machine = cpu->machine;
    int none = RS_STOP_NONE;

    atomic_compare_exchange_strong(&machine->stopping, &none, (int)kind);
    cpu->abandoned_value = value;
    atomic_store(&cpu->started, false);
    atomic_store(&cpu->abandoned, true);
    rs_stream_quiet(&cpu->stream, cpu->hooks.tsc_exit);
    atomic_fetch_sub(&machine->running, 1);
    rs_stream_wake(&cpu->stream);
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* Whatever else has stopped the machine meanwhile is less than this. */
static void bury(struct rs_cpu *cpu)
{
    struct rs_machine *machine = cpu->machine;

    cpu->buried = true;
    machine->buried_ns = machine->buried_ns ? machine->buried_ns : now_ns();
    rs_machine_stop(machine, RS_STOP_SANDBOX);
    rs_cpu_leave(cpu);
    pthread_mutex_lock(&machine->run_lock);
    machine->stop.kind = RS_STOP_SANDBOX;
    machine->stop.value = cpu->abandoned_value;
    machine->stop.cpu = cpu->vcpu.index;
    pthread_mutex_unlock(&machine->run_lock);
}

bool rs_machine_bury(struct rs_machine *machine)
{
    for (unsigned i = 0; i < machine->cpu_count; i++)
        if (atomic_load(&machine->cpus[i].abandoned) && !machine->cpus[i].buried)
            bury(&machine->cpus[i]);
    if (machine->buried_ns == 0 || now_ns() - machine->buried_ns < PATIENCE_NS)
        return false;
    machine->stuck = atomic_load(&machine->running) > 0;
    return machine->stuck;
}

/* What the thread was about to report is left out: nobody knows how far it had come. */
void rs_machine_end_abandoned(struct rs_machine *machine)
{
    (void)rs_machine_bury(machine);
    for (unsigned i = 0; i < machine->cpu_count; i++) {
        struct rs_cpu *cpu = &machine->cpus[i];

        if (!cpu->buried)
            continue;
        cpu->hooks.pending = NULL;
        rs_stream_close(&cpu->stream);
        rs_marks_put(&cpu->hooks, RS_EVENT_STOP, RS_STOP_SANDBOX, cpu->abandoned_value);
    }
}
