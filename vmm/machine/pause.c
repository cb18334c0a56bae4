/* SPDX-License-Identifier: MIT
 * All vCPUs out of the guest: hooks in code and tables that they share are toggled then. */
#include "internal.h"

#include <x86intrin.h>

/* With run_lock; every thread that has not ended waits. Every other request disarms. */
static void toggle(struct rs_machine *machine)
{
    unsigned toggles = atomic_load(&machine->arm_toggles);

    rs_hooks_arm(&machine->hooks, toggles % 2 == 0);
    atomic_store(&machine->arm_toggles_done, toggles);
    machine->waiting = 0;
    machine->pauses++;
    pthread_cond_broadcast(&machine->paused);
}

static bool is_asked_for(struct rs_machine *machine)
{
    return atomic_load_explicit(&machine->arm_toggles, memory_order_relaxed) !=
           atomic_load_explicit(&machine->arm_toggles_done, memory_order_relaxed);
}

void rs_cpu_obey(struct rs_cpu *cpu)
{
    struct rs_machine *machine = cpu->machine;
    unsigned pauses;

    if (!is_asked_for(machine))
        return;
    rs_hooks_resume(&cpu->hooks, __rdtsc());
    pthread_mutex_lock(&machine->run_lock);
    pauses = machine->pauses;
    if (is_asked_for(machine) && ++machine->waiting >= machine->present)
        toggle(machine);
    else
        while (is_asked_for(machine) && machine->pauses == pauses)
            pthread_cond_wait(&machine->paused, &machine->run_lock);
    pthread_mutex_unlock(&machine->run_lock);
}

void rs_cpu_leave(struct rs_cpu *cpu)
{
    struct rs_machine *machine = cpu->machine;

    pthread_mutex_lock(&machine->run_lock);
    atomic_store(&cpu->started, false);
    machine->present--;
    if (machine->waiting > 0 && machine->waiting >= machine->present)
        toggle(machine);
    pthread_mutex_unlock(&machine->run_lock);
}
