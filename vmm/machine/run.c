/* SPDX-License-Identifier: MIT
 * The vCPU thread: KVM_RUN, the exit's handler, and again. */
#include "exits/exits.h"
#include "machine.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <x86intrin.h>

/*
 * A stop must not slip between the check of `stop_request` and KVM_RUN. The kick is a signal whose
 * handler sets kvm_run.immediate_exit: KVM API, "KVM_CAP_IMMEDIATE_EXIT". If it comes before
 * KVM_RUN, KVM_RUN returns at once; if during it, KVM_RUN returns EINTR.
 */
#define KICK_SIGNAL SIGUSR1

static _Thread_local struct kvm_run *current_run;

static void on_kick(int signal)
{
    (void)signal;
    if (current_run)
        current_run->immediate_exit = 1;
}

static bool stop_requested(struct rs_machine *machine)
{
    int reason = atomic_load(&machine->stop_request);

    if (reason == RS_STOP_NONE)
        return false;
    rs_machine_set_stop(machine, (enum rs_stop_kind)reason, 0, "%s", "");
    return true;
}

/* Every other request disarms. */
static void obey_toggles(struct rs_machine *machine)
{
    unsigned toggles = atomic_load_explicit(&machine->arm_toggles, memory_order_relaxed);

    if (toggles == machine->arm_toggles_done)
        return;
    machine->arm_toggles_done = toggles;
    rs_hooks_resume(&machine->hooks, __rdtsc());
    rs_hooks_arm(&machine->hooks, toggles % 2 == 0);
}

bool rs_machine_step(struct rs_machine *machine)
{
    int result;

    rs_hooks_resume(&machine->hooks, __rdtsc());
    result = rs_vcpu_run(&machine->vcpu);
    machine->hooks.tsc_exit = __rdtsc();
    if (result == 0) {
        machine->exits++;
        return rs_exit_handle(machine) == RS_EXIT_RESUME;
    }
    machine->vcpu.run->immediate_exit = 0;
    if (result == -EINTR || result == -EAGAIN)
        return true;
    rs_machine_set_stop(machine, RS_STOP_CRASH, 0, "KVM_RUN failed: %s", strerror(-result));
    return false;
}

static bool reached(struct rs_machine *machine)
{
    const struct rs_record *pending = machine->hooks.pending;

    if (!pending || !machine->until || !machine->until(machine->until_context, &pending->event))
        return false;
    rs_machine_set_stop(machine, RS_STOP_REACHED, 0, "%s", "");
    return true;
}

void rs_machine_run(struct rs_machine *machine)
{
    current_run = machine->vcpu.run;
    machine->hooks.tsc_exit = __rdtsc();
    rs_marks_put(&machine->hooks, RS_EVENT_START, machine->hooks.vendor,
                 machine->hooks.config.empty_span);
    while (!stop_requested(machine) && rs_machine_step(machine) && !reached(machine))
        obey_toggles(machine);
    current_run = NULL;
    rs_hooks_resume(&machine->hooks, __rdtsc());
    rs_machine_flush_console(machine);
    rs_marks_put(&machine->hooks, RS_EVENT_STOP, machine->stop.kind, machine->stop.value);
}

static void *thread_main(void *context)
{
    struct rs_machine *machine = context;

    rs_machine_run(machine);
    atomic_store(&machine->running, false);
    rs_stream_wake(&machine->stream);
    return NULL;
}

/* Signals other than the kick belong to the main thread. */
static int start_thread(struct rs_machine *machine)
{
    sigset_t others, before;
    int result;

    sigfillset(&others);
    sigdelset(&others, KICK_SIGNAL);
    pthread_sigmask(SIG_SETMASK, &others, &before);
    atomic_store(&machine->running, true); /* no handler runs before `thread` is filled */
    result = pthread_create(&machine->thread, NULL, thread_main, machine);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}

int rs_machine_start(struct rs_machine *machine, struct rs_error *error)
{
    struct sigaction action = {.sa_handler = on_kick};
    int result;

    sigaction(KICK_SIGNAL, &action, NULL);
    result = start_thread(machine);
    if (result != 0) {
        atomic_store(&machine->running, false);
        return rs_error_errno(error, RS_EXIT_HOST, result, "vCPU thread");
    }
    return 0;
}

/* Before the thread is there, and after, nothing has to be kicked: requests are looked at first. */
static void kick(struct rs_machine *machine)
{
    if (atomic_load(&machine->running))
        pthread_kill(machine->thread, KICK_SIGNAL);
}

void rs_machine_stop(struct rs_machine *machine, enum rs_stop_kind reason)
{
    int none = RS_STOP_NONE;

    atomic_compare_exchange_strong(&machine->stop_request, &none, (int)reason);
    kick(machine);
}

void rs_machine_toggle_hooks(struct rs_machine *machine)
{
    atomic_fetch_add(&machine->arm_toggles, 1);
    kick(machine);
}

void rs_machine_join(struct rs_machine *machine)
{
    pthread_join(machine->thread, NULL);
}
