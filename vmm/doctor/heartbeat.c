/* SPDX-License-Identifier: MIT
 * A regular kick that gets a stuck vCPU out of KVM_RUN. */
#include "heartbeat.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#define BEAT_SIGNAL SIGALRM
#define BEAT_NS 20000000
#define STUCK_NS INT64_C(200000000)
#define BLOCKED_NS INT64_C(2000000000)
#define KICKS_MIN 10

#ifndef sigev_notify_thread_id /* older C libraries lack the name that timer_create(2) uses */
#define sigev_notify_thread_id _sigev_un._tid
#endif

static _Thread_local struct kvm_run *volatile watched;

static void on_beat(int signal)
{
    struct kvm_run *run = watched;

    (void)signal;
    if (run)
        run->immediate_exit = 1;
}

int rs_heartbeat_start(struct rs_heartbeat *heartbeat, struct rs_error *error)
{
    struct sigaction action = {.sa_handler = on_beat};
    struct sigevent event = {
        .sigev_notify = SIGEV_THREAD_ID,
        .sigev_signo = BEAT_SIGNAL,
        .sigev_notify_thread_id = gettid(),
    };
    struct itimerspec interval = {{0, BEAT_NS}, {0, BEAT_NS}};

    if (sigaction(BEAT_SIGNAL, &action, &heartbeat->before) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "sigaction");
    if (timer_create(CLOCK_MONOTONIC, &event, &heartbeat->timer) != 0) {
        sigaction(BEAT_SIGNAL, &heartbeat->before, NULL);
        return rs_error_errno(error, RS_EXIT_HOST, errno, "timer_create");
    }
    timer_settime(heartbeat->timer, 0, &interval, NULL);
    heartbeat->running = true;
    return 0;
}

void rs_heartbeat_stop(struct rs_heartbeat *heartbeat)
{
    if (!heartbeat->running)
        return;
    timer_delete(heartbeat->timer);
    sigaction(BEAT_SIGNAL, &heartbeat->before, NULL);
    heartbeat->running = false;
}

void rs_heartbeat_watch(struct kvm_run *run)
{
    watched = run;
}

static int64_t since(clockid_t clock, const struct timespec *then)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (now.tv_sec - then->tv_sec) * INT64_C(1000000000) + (now.tv_nsec - then->tv_nsec);
}

void rs_patience_begin(struct rs_patience *patience)
{
    patience->kicks = 0;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &patience->processor);
    clock_gettime(CLOCK_MONOTONIC, &patience->clock);
}

enum rs_verdict rs_patience_verdict(struct rs_patience *patience)
{
    if (++patience->kicks < KICKS_MIN)
        return RS_VERDICT_WAIT;
    if (since(CLOCK_THREAD_CPUTIME_ID, &patience->processor) >= STUCK_NS)
        return RS_VERDICT_STUCK;
    if (since(CLOCK_MONOTONIC, &patience->clock) >= BLOCKED_NS)
        return RS_VERDICT_BLOCKED;
    return RS_VERDICT_WAIT;
}
