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

/* Returns 0 or -errno. The kernel looks descriptors up faster in a table that nobody shares. */
static int keep_own_files(const struct rs_cpu *cpu)
{
    int files[RS_CPU_FILES];

    rs_cpu_files(cpu, files);
    return rs_sandbox_keep_files(files, RS_CPU_FILES);
}

/*
 * What a vCPU thread can reach is bounded by its descriptors: no terminal, no file but the paging
 * file, no /dev/kvm. So its filter need not look at each ioctl, which KVM_RUN would pay for. Strict
 * does both.
 */
static int confine_vcpu(struct rs_confinement *confinement, struct rs_cpu *cpu)
{
    int result = keep_own_files(cpu);

    if (result != 0 && confinement->strict)
        return result;
    return rs_sandbox_confine(result != 0 || confinement->strict ? &confinement->vcpu
                                                                 : &confinement->own_files,
                              on_violation, cpu);
}

static bool begin(void *context, struct rs_cpu *cpu)
{
    struct rs_confinement *confinement = context;
    int result;

    if (!await_release(confinement))
        return false;
    result = confine_vcpu(confinement, cpu);
    if (result != 0)
        atomic_store(&confinement->vcpu_errno, -result);
    return result == 0;
}

/* Without a sandbox: only for speed, so it may fail. */
static bool begin_unconfined(void *context, struct rs_cpu *cpu)
{
    (void)context;
    (void)keep_own_files(cpu);
    return true;
}

static void free_filters(struct rs_confinement *confinement)
{
    rs_sandbox_free_filter(&confinement->session);
    rs_sandbox_free_filter(&confinement->vcpu);
    rs_sandbox_free_filter(&confinement->own_files);
}

int rs_confinement_prepare(struct rs_confinement *confinement, const struct rs_sandbox *sandbox,
                           struct rs_machine *machine, struct rs_error *error)
{
    *confinement = (struct rs_confinement){
        .machine = machine,
        .strict = sandbox->mode == RS_SANDBOX_STRICT,
    };
    if (sandbox->mode == RS_SANDBOX_OFF) {
        machine->begin = begin_unconfined;
        return 0;
    }
    tzset(); /* the only file that a trace's times need */
    if (rs_sandbox_enter(sandbox, error) != 0 ||
        rs_sandbox_make_filter(&confinement->session, RS_SANDBOX_SESSION, error) != 0 ||
        rs_sandbox_make_filter(&confinement->vcpu, RS_SANDBOX_VCPU, error) != 0 ||
        rs_sandbox_make_filter(&confinement->own_files, RS_SANDBOX_VCPU_OWN_FILES, error) != 0) {
        free_filters(confinement);
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

    free_filters(confinement);
    if (errnum == 0)
        return 0;
    return rs_error_errno(error, RS_EXIT_HOST, errnum,
                          "sandbox: this kernel does not take a seccomp filter, or gives no thread "
                          "descriptors of its own (--sandbox=off does without)");
}
