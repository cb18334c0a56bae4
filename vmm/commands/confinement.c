/* SPDX-License-Identifier: MIT
 * The sandbox of a session. */
#include "confinement.h"

#include <time.h>

/* On the vCPU thread, in a signal handler. */
static void on_violation(void *context, int call)
{
    rs_cpu_abandon(context, RS_STOP_SANDBOX, (uint32_t)call);
}

/* A machine whose threads cannot all be started stops before it is released. */
static bool await_release(struct rs_confinement *confinement)
{
    const struct timespec pause = {.tv_nsec = 50000};

    while (sem_trywait(&confinement->released) != 0) {
        if (rs_machine_stopping(confinement->machine))
            return false;
        nanosleep(&pause, NULL);
    }
    return confinement->session_errno == 0;
}

static bool begin(void *context, struct rs_cpu *cpu)
{
    struct rs_confinement *confinement = context;
    int result;

    if (!await_release(confinement))
        return false;
    result = rs_sandbox_confine(&confinement->vcpu, on_violation, cpu);
    if (result != 0)
        atomic_store(&confinement->vcpu_errno, -result);
    return result == 0;
}

int rs_confinement_prepare(struct rs_confinement *confinement, const struct rs_sandbox *sandbox,
                           struct rs_machine *machine, struct rs_error *error)
{
    *confinement = (struct rs_confinement){.machine = machine};
    if (sandbox->mode == RS_SANDBOX_OFF)
        return 0;
    tzset(); /* the only file that a trace's times need */
    if (rs_sandbox_enter(sandbox, error) != 0 ||
        rs_sandbox_make_filter(&confinement->session, RS_SANDBOX_SESSION, error) != 0)
        return -1;
    if (rs_sandbox_make_filter(&confinement->vcpu, RS_SANDBOX_VCPU, error) != 0) {
        rs_sandbox_free_filter(&confinement->session);
        return -1;
    }
    sem_init(&confinement->released, 0, 0);
    machine->begin = begin;
    machine->begin_context = confinement;
    return 0;
}

void rs_confinement_release(struct rs_confinement *confinement)
{
    if (!confinement->session.instructions)
        return;
    confinement->session_errno = -rs_sandbox_confine(&confinement->session, NULL, NULL);
    for (unsigned i = 0; i < confinement->machine->cpu_count; i++)
        sem_post(&confinement->released);
}

int rs_confinement_result(struct rs_confinement *confinement, struct rs_error *error)
{
    int errnum = confinement->session_errno ? confinement->session_errno : confinement->vcpu_errno;

    rs_sandbox_free_filter(&confinement->session);
    rs_sandbox_free_filter(&confinement->vcpu);
    if (errnum == 0)
        return 0;
    return rs_error_errno(error, RS_EXIT_HOST, errnum,
                          "sandbox: this kernel does not take a seccomp filter (--sandbox=off does "
                          "without)");
}
