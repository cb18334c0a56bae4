/* SPDX-License-Identifier: MIT
 * Waiting, with signals and progress. */
#include "wait.h"

#include <errno.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 2000

int64_t rs_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A blocked signal is queued even when it is ignored, so those are left out by hand. */
static void add_unless_ignored(sigset_t *set, int number)
{
    struct sigaction action;

    if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
        sigaddset(set, number);
}

int rs_wait_open(struct rs_wait *wait, bool verbose, struct rs_error *error)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    sigset_t taken;

    *wait = (struct rs_wait){
        .verbose = verbose, .terminal = isatty(STDERR_FILENO) == 1, .begin_ms = rs_now_ms()};
    sigemptyset(&taken);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        add_unless_ignored(&taken, numbers[i]);
    wait->signal_fd = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
    if (wait->signal_fd < 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "emulated host: signalfd");
    sigaddset(&taken, SIGPIPE);
    sigprocmask(SIG_BLOCK, &taken, &wait->saved);
    return 0;
}

void rs_wait_close(struct rs_wait *wait)
{
    const struct timespec at_once = {0};
    sigset_t pipe;

    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    if (!sigismember(&wait->saved, SIGPIPE))
        sigtimedwait(&pipe, NULL, &at_once);
    sigprocmask(SIG_SETMASK, &wait->saved, NULL);
    close(wait->signal_fd);
}

void rs_wait_note(const struct rs_wait *wait, const char *text)
{
    int64_t waited = rs_now_ms() - wait->begin_ms;

    if (wait->verbose)
        fprintf(stderr, "ringscope: emulated host, %d.%03d s: %s\n", (int)(waited / 1000),
                (int)(waited % 1000), text);
}

static void tell(struct rs_wait *wait)
{
    int64_t waited = rs_now_ms() - wait->begin_ms;

    if (!wait->stage || wait->told || (!wait->verbose && waited < PATIENCE_MS))
        return;
    wait->told = true;
    if (wait->verbose)
        rs_wait_note(wait, wait->stage);
    else if (wait->terminal)
        fprintf(stderr, "ringscope: preparing the emulated host: %s\n", wait->stage);
}

void rs_wait_stage(struct rs_wait *wait, const char *stage)
{
    wait->stage = stage;
    wait->told = false;
    tell(wait);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* How long to sleep: until the deadline, or until it is time to tell the user. */
static int slice(const struct rs_wait *wait, int64_t deadline)
{
    int64_t until = deadline, left;

    if (wait->stage && !wait->told && wait->terminal)
        until = earlier(deadline, wait->begin_ms + PATIENCE_MS);
    if (until < 0)
        return -1;
    left = until - rs_now_ms();
    return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

static bool take_signal(struct rs_wait *wait)
{
    struct signalfd_siginfo information;

    if (read(wait->signal_fd, &information, sizeof(information)) != sizeof(information))
        return false;
    wait->signal = (int)information.ssi_signo;
    return true;
}

int rs_wait_poll(struct rs_wait *wait, struct pollfd *slots, nfds_t count, int64_t timeout_ms)
{
    int64_t deadline = timeout_ms < 0 ? -1 : rs_now_ms() + timeout_ms;
    struct pollfd all[RS_WAIT_SLOTS_MAX + 1];

    if (count > RS_WAIT_SLOTS_MAX)
        count = RS_WAIT_SLOTS_MAX;
    for (;;) {
        int ready;

        for (nfds_t i = 0; i < count; i++)
            all[i] = slots[i];
        all[count] = (struct pollfd){.fd = wait->signal_fd, .events = POLLIN};
        ready = poll(all, count + 1, slice(wait, deadline));
        if (ready > 0 && all[count].revents && take_signal(wait))
            return -1;
        for (nfds_t i = 0; i < count; i++)
            slots[i].revents = ready > 0 ? all[i].revents : 0;
        if (ready > 0)
            return ready;
        tell(wait);
        if (deadline >= 0 && rs_now_ms() >= deadline)
            return 0;
    }
}

int rs_wait_interrupted(const struct rs_wait *wait, struct rs_error *error)
{
    return rs_error_set(error, RS_EXIT_INTERRUPTED, "emulated host: interrupted by signal %d",
                        wait->signal);
}
