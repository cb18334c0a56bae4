/* SPDX-License-Identifier: MIT
 * A regular kick that gets a stuck vCPU out of KVM_RUN. */
#ifndef RINGSCOPE_DOCTOR_HEARTBEAT_H
#define RINGSCOPE_DOCTOR_HEARTBEAT_H

#include "error.h"

#include <linux/kvm.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>

/*
 * A timer signal of the calling thread whose handler sets kvm_run.immediate_exit: KVM API,
 * "KVM_CAP_IMMEDIATE_EXIT". Whether a vCPU that was kicked is stuck is judged by the processor time
 * that it has used and by how often it was kicked, so that a busy machine does not make a slow run
 * look like a stuck one: where KVM itself is emulated, time passes while nothing runs.
 */
struct rs_heartbeat {
    timer_t timer;
    bool running;
    struct sigaction before;
};

int rs_heartbeat_start(struct rs_heartbeat *heartbeat, struct rs_error *error);
void rs_heartbeat_stop(struct rs_heartbeat *heartbeat);

/* The vCPU that the beat kicks; NULL: none. */
void rs_heartbeat_watch(struct kvm_run *run);

struct rs_patience {
    struct timespec processor, clock; /* when the run began */
    unsigned kicks;
};
enum rs_verdict {
    RS_VERDICT_WAIT,
    RS_VERDICT_STUCK,  /* used the processor for too long */
    RS_VERDICT_BLOCKED /* slept for too long */
};
void rs_patience_begin(struct rs_patience *patience);
/* After a kick. */
enum rs_verdict rs_patience_verdict(struct rs_patience *patience);

#endif
