/* SPDX-License-Identifier: MIT
 * The vCPU threads: starting, stopping and waiting for them. */
#include "internal.h"

#include <stdarg.h>
#include <stdio.h>

/* A thread says that it has started before it looks at `stopping`, so it is kicked, or sees. */
static void kick(struct rs_machine *machine)
{
    for (unsigned i = 0; i < machine->cpu_count; i++)
        if (atomic_load(&machine->cpus[i].started))
            pthread_kill(machine->cpus[i].self, RS_KICK_SIGNAL);
}

void rs_machine_look(struct rs_machine *machine)
{
    for (unsigned i = 0; i < machine->cpu_count; i++) {
        struct rs_cpu *cpu = &machine->cpus[i];

        if (atomic_load_explicit(&cpu->unarmed, memory_order_relaxed) && atomic_load(&cpu->started))
            pthread_kill(cpu->self, RS_KICK_SIGNAL);
    }
}

void rs_machine_stop(struct rs_machine *machine, enum rs_stop_kind reason)
{
    int none = RS_STOP_NONE;

    atomic_compare_exchange_strong(&machine->stopping, &none, (int)reason);
    kick(machine);
}

void rs_machine_toggle_hooks(struct rs_machine *machine)
{
    atomic_fetch_add(&machine->arm_toggles, 1);
    kick(machine);
}

/* With run_lock no thread ends, and each that is kicked is there. */
void rs_cpu_stop_locked(struct rs_cpu *cpu, enum rs_stop_kind kind)
{
    struct rs_machine *machine = cpu->machine;

    machine->stop.kind = kind;
    machine->stop.cpu = cpu->vcpu.index;
    atomic_store(&machine->stopping, (int)kind);
    kick(machine);
}

void rs_cpu_set_stop(struct rs_cpu *cpu, enum rs_stop_kind kind, uint32_t value, const char *format,
                     ...)
{
    struct rs_machine *machine = cpu->machine;
    va_list arguments;

    pthread_mutex_lock(&machine->run_lock);
    if (!rs_machine_stopping(machine)) {
        machine->stop.value = value;
        va_start(arguments, format);
        vsnprintf(machine->stop.message, sizeof(machine->stop.message), format, arguments);
        va_end(arguments);
        rs_cpu_stop_locked(cpu, kind);
    }
    pthread_mutex_unlock(&machine->run_lock);
}

static void *thread_main(void *context)
{
    struct rs_cpu *cpu = context;
    struct rs_machine *machine = cpu->machine;

    cpu->self = pthread_self();
    atomic_store(&cpu->started, true);
    if (!machine->begin || machine->begin(machine->begin_context, cpu))
        rs_cpu_run(cpu);
    else
        rs_machine_stop(machine, RS_STOP_CRASH);
    rs_cpu_leave(cpu);
    rs_stream_quiet(&cpu->stream, cpu->hooks.tsc_exit);
    atomic_fetch_sub(&machine->running, 1);
    rs_stream_wake(&cpu->stream);
    return NULL;
}

/* Signals other than the kick belong to the main thread. */
int rs_machine_start(struct rs_machine *machine, struct rs_error *error)
{
    struct sigaction action = {.sa_handler = rs_cpu_on_kick};
    sigset_t others, before;
    unsigned started = 0;
    int result = 0;

    sigaction(RS_KICK_SIGNAL, &action, NULL);
    sigfillset(&others);
    sigdelset(&others, RS_KICK_SIGNAL);
    pthread_sigmask(SIG_SETMASK, &others, &before);
    machine->present = machine->cpu_count;
    atomic_store(&machine->running, machine->cpu_count);
    while (started < machine->cpu_count && result == 0) {
        struct rs_cpu *cpu = &machine->cpus[started];

        result = pthread_create(&cpu->thread, NULL, thread_main, cpu);
        started += result == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (result == 0)
        return 0;
    rs_machine_stop(machine, RS_STOP_CRASH);
    while (started-- > 0)
        pthread_join(machine->cpus[started].thread, NULL);
    atomic_store(&machine->running, 0);
    return rs_error_errno(error, RS_EXIT_HOST, result, "vCPU thread");
}

void rs_cpu_files(const struct rs_cpu *cpu, int files[RS_CPU_FILES])
{
    files[0] = cpu->vcpu.fd;
    files[1] = cpu->machine->vm.fd;
    files[2] = cpu->stream.wake_fd;
    files[3] = cpu->machine->pagefile_disk.fd;
}

void rs_machine_run(struct rs_machine *machine)
{
    struct sigaction action = {.sa_handler = rs_cpu_on_kick};
    struct rs_cpu *cpu = machine->cpus;

    sigaction(RS_KICK_SIGNAL, &action, NULL);
    machine->present = 1;
    atomic_store(&machine->running, 1);
    cpu->self = pthread_self();
    atomic_store(&cpu->started, true);
    rs_cpu_run(cpu);
    rs_cpu_leave(cpu);
    atomic_store(&machine->running, 0);
}

void rs_machine_join(struct rs_machine *machine)
{
    for (unsigned i = 0; i < machine->cpu_count && !machine->stuck; i++)
        pthread_join(machine->cpus[i].thread, NULL);
}
