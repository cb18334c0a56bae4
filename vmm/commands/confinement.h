/* SPDX-License-Identifier: MIT
 * The sandbox of a session: its threads give up what they do not need before the guest runs. */
#ifndef RINGSCOPE_CONFINEMENT_H
#define RINGSCOPE_CONFINEMENT_H

#include "machine/machine.h"
#include "sandbox/sandbox.h"

#include <semaphore.h>

/* The vCPU thread waits for `released`, so that no guest runs before every thread is confined. */
struct rs_confinement {
    struct rs_machine *machine;
    bool strict;
    struct rs_sandbox_filter session;
    struct rs_sandbox_filter vcpu;      /* where the kernel gives a thread no table of its own */
    struct rs_sandbox_filter own_files; /* where it does, but not with --sandbox=strict */
    sem_t released;
    int session_errno;     /* of the main thread's filter, before `released` */
    atomic_int vcpu_errno; /* of any of the vCPU threads' */
};

/* Confines the process, and makes the filters; to be called before rs_machine_start(). */
int rs_confinement_prepare(struct rs_confinement *confinement, const struct rs_sandbox *sandbox,
                           struct rs_machine *machine, struct rs_error *error);

/* After rs_machine_start(), which needs a call that the main thread gives up here. The guest runs
 * from here on, unless a filter cannot be had: rs_confinement_result() says so after the end. */
void rs_confinement_release(struct rs_confinement *confinement);
int rs_confinement_result(struct rs_confinement *confinement, struct rs_error *error);

#endif
