/* SPDX-License-Identifier: MIT
 * A vCPU thread: KVM_RUN, the exit's handler, and again. */
#include "exits/exits.h"
#include "internal.h"

#include <errno.h>
#include <string.h>
#include <x86intrin.h>

static _Thread_local struct kvm_run *current_run;

void rs_cpu_on_kick(int signal)
{
    (void)signal;
    if (current_run)
        current_run->immediate_exit = 1;
}

/* Nothing is hooked: nobody asks when. */
static bool run_unwatched(struct rs_cpu *cpu, int *result)
{
    *result = rs_vcpu_run(&cpu->vcpu);
    return *result == 0;
}

static bool run(struct rs_cpu *cpu, int *result)
{
    bool several = cpu->machine->cpu_count > 1;
    uint64_t tsc = __rdtsc();

    rs_hooks_resume(&cpu->hooks, tsc);
    if (several)
        rs_stream_quiet(&cpu->stream, tsc);
    *result = rs_vcpu_run(&cpu->vcpu);
    if (several)
        rs_stream_busy(&cpu->stream);
    cpu->hooks.tsc_exit = __rdtsc();
    return *result == 0;
}

/* Others only read it: no locked instruction. */
static void count_exit(struct rs_cpu *cpu)
{
    uint64_t exits = atomic_load_explicit(&cpu->exits, memory_order_relaxed);

    atomic_store_explicit(&cpu->exits, exits + 1, memory_order_relaxed);
}

/* The registers are those of now, whatever has ended KVM_RUN. */
static void look_for_idt(struct rs_cpu *cpu)
{
    if (!atomic_load_explicit(&cpu->unarmed, memory_order_relaxed))
        return;
    if (!cpu->hooks.idt)
        rs_hooks_sync(&cpu->hooks);
    atomic_store_explicit(&cpu->unarmed, !cpu->hooks.idt, memory_order_relaxed);
}

bool rs_cpu_step(struct rs_cpu *cpu)
{
    int result;

    if (cpu->unwatched ? run_unwatched(cpu, &result) : run(cpu, &result)) {
        count_exit(cpu);
        return rs_exit_handle(cpu) == RS_EXIT_RESUME;
    }
    cpu->vcpu.run->immediate_exit = 0;
    if (result == -EINTR || result == -EAGAIN) { /* EAGAIN: an INIT or SIPI has come */
        look_for_idt(cpu);
        return true;
    }
    rs_cpu_set_stop(cpu, RS_STOP_CRASH, 0, "KVM_RUN failed: %s", strerror(-result));
    return false;
}

static bool is_reached(struct rs_cpu *cpu)
{
    struct rs_machine *machine = cpu->machine;
    const struct rs_record *pending = cpu->hooks.pending;
    bool reached;

    if (!pending || !machine->until)
        return false;
    pthread_mutex_lock(&machine->run_lock);
    reached =
        !rs_machine_stopping(machine) && machine->until(machine->until_context, &pending->event);
    if (reached)
        rs_cpu_stop_locked(cpu, RS_STOP_REACHED);
    pthread_mutex_unlock(&machine->run_lock);
    return reached;
}

/* Each stream ends with why. */
static void put_stop(struct rs_cpu *cpu)
{
    struct rs_machine *machine = cpu->machine;
    struct rs_stop *stop = &machine->stop;

    pthread_mutex_lock(&machine->run_lock);
    if (stop->kind == RS_STOP_NONE) /* rs_machine_stop() has not said more */
        stop->kind = (enum rs_stop_kind)atomic_load(&machine->stopping);
    pthread_mutex_unlock(&machine->run_lock);
    rs_marks_put(&cpu->hooks, RS_EVENT_STOP, stop->kind, stop->value);
}

void rs_cpu_run(struct rs_cpu *cpu)
{
    current_run = cpu->vcpu.run;
    atomic_store_explicit(&cpu->unarmed, cpu->machine->cpu_count > 1 && cpu->machine->hooks.active,
                          memory_order_relaxed);
    cpu->hooks.tsc_exit = __rdtsc();
    rs_marks_put(&cpu->hooks, RS_EVENT_START, cpu->hooks.vendor,
                 cpu->machine->hooks.config.empty_span);
    while (!rs_machine_stopping(cpu->machine) && rs_cpu_step(cpu) && !is_reached(cpu))
        rs_cpu_obey(cpu);
    current_run = NULL;
    rs_vcpu_fetch(&cpu->vcpu); /* who looks at the machine that has stopped finds them */
    rs_hooks_resume(&cpu->hooks, __rdtsc());
    rs_cpu_flush_console(cpu);
    put_stop(cpu);
}
