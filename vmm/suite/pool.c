/* SPDX-License-Identifier: MIT
 * The pool of workers: hands out tests, takes results, ends who is overdue, replaces who has died.
 */
#include "pool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A worker stops its guest by itself; one that cannot is killed so much later, or, at its first
 * test, when it has had time to boot, too. */
#define GRACE_SECONDS 20
#define IDLE SIZE_MAX

struct worker {
    pid_t pid;
    int fd;
    struct rs_worker_note *note;
    size_t test; /* index, or IDLE */
    double deadline;
};

struct run {
    const struct rs_pool *pool;
    const struct rs_suite *suite;
    struct rs_result *results;
    struct worker *workers;
    struct rs_worker_note *notes; /* of each worker; shared with it */
    size_t next, done;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The workers' sockets are not the new one's business: with them open it would outlive us. */
static void become_worker(const struct run *run, const struct worker *worker, int fd)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (unsigned i = 0; i < run->pool->jobs; i++)
        if (run->workers[i].fd >= 0)
            close(run->workers[i].fd);
    rs_worker_main(&run->pool->place, run->suite, fd, worker->note);
}

static int start_worker(struct run *run, struct worker *worker, struct rs_error *error)
{
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "a worker's socket");
    fflush(NULL);
    atomic_store(&worker->note->forbidden, -1);
    worker->pid = fork();
    if (worker->pid == 0) {
        close(fds[0]);
        become_worker(run, worker, fds[1]);
    }
    close(fds[1]);
    if (worker->pid < 0) {
        close(fds[0]);
        return rs_error_errno(error, RS_EXIT_HOST, errno, "a worker");
    }
    worker->fd = fds[0];
    worker->test = IDLE;
    return 0;
}

/* Who ends a worker need not wait for it, but where it writes its coverage at its end. */
#ifndef RS_WORKER_PATIENCE
#define RS_WORKER_PATIENCE 0 /* ms */
#endif

static bool has_ended(pid_t pid, int *status)
{
    for (int waited = 0; waited < RS_WORKER_PATIENCE; waited++) {
        if (waitpid(pid, status, WNOHANG) == pid)
            return true;
        usleep(1000);
    }
    return false;
}

static int end_worker(struct worker *worker)
{
    int status = 0;

    if (worker->fd >= 0)
        close(worker->fd);
    if (worker->pid > 0 && !has_ended(worker->pid, &status)) {
        kill(worker->pid, SIGKILL);
        waitpid(worker->pid, &status, 0);
    }
    worker->fd = -1;
    worker->pid = 0;
    return status;
}

static int give(struct run *run, struct worker *worker, size_t index)
{
    uint32_t number = (uint32_t)index;

    worker->test = index;
    worker->deadline = now() + run->pool->place.budget.seconds + GRACE_SECONDS;
    return rs_worker_write(worker->fd, &number, sizeof(number));
}

/* A test that may be tried again goes back to the worker that is free. Otherwise the next one. */
static void take_result(struct run *run, struct worker *worker, struct rs_result result)
{
    size_t index = worker->test;
    struct rs_result *place = &run->results[index];
    bool again = result.outcome != RS_OUTCOME_PASS && result.outcome != RS_OUTCOME_SKIP &&
                 place->attempts < run->pool->retries;

    rs_result_free(place);
    result.attempts = place->attempts + 1;
    *place = result;
    worker->test = IDLE;
    if (again && worker->fd >= 0 && give(run, worker, index) == 0)
        return;
    run->done++;
    run->pool->done(run->pool->context, index);
}

static void say_forbidden(struct rs_result *result, int call)
{
    const char *name = rs_sandbox_call_name(call);

    snprintf(result->detail, sizeof(result->detail),
             "its sandbox stopped its worker at the system call %s (%d), which no test needs: the "
             "guest may have found a way in",
             name ? name : "of an unknown name", call);
}

static int lose(struct run *run, struct worker *worker, const char *why, struct rs_error *error)
{
    size_t index = worker->test;
    struct rs_result result = {.outcome = RS_OUTCOME_ERROR};
    int status = end_worker(worker), forbidden = atomic_load(&worker->note->forbidden);

    if (forbidden >= 0)
        say_forbidden(&result, forbidden);
    else if (why)
        snprintf(result.detail, sizeof(result.detail), "%s", why);
    else if (WIFSIGNALED(status))
        snprintf(result.detail, sizeof(result.detail), "its worker was ended by signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(result.detail, sizeof(result.detail), "its worker ended with %d",
                 WEXITSTATUS(status));
    if (start_worker(run, worker, error) != 0)
        return -1;
    if (index == IDLE)
        return 0;
    worker->test = index;
    take_result(run, worker, result);
    return 0;
}

/* True: there is one to be run. */
static bool skip_settled(struct run *run)
{
    while (run->next < run->suite->count && run->suite->tests[run->next].settled) {
        run->done++;
        run->pool->done(run->pool->context, run->next++);
    }
    return run->next < run->suite->count;
}

static int look_after(struct run *run, struct worker *worker, bool readable, struct rs_error *error)
{
    struct rs_result result;

    if (readable) {
        if (rs_worker_receive(worker->fd, &result) != 0)
            return lose(run, worker, NULL, error);
        take_result(run, worker, result);
    } else if (worker->test != IDLE && now() > worker->deadline) {
        return lose(run, worker, "its guest could not be stopped: its worker was killed", error);
    }
    if (worker->test == IDLE && skip_settled(run) && give(run, worker, run->next++) != 0)
        return lose(run, worker, NULL, error);
    return 0;
}

static int wait_for_workers(struct run *run, struct rs_error *error)
{
    unsigned jobs = run->pool->jobs;
    struct pollfd fds[256];

    for (unsigned i = 0; i < jobs; i++)
        fds[i] = (struct pollfd){.fd = run->workers[i].fd, .events = POLLIN};
    if (poll(fds, jobs, 500) < 0 && errno != EINTR)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "poll");
    if (interrupted)
        return rs_error_set(error, RS_EXIT_INTERRUPTED, "interrupted: %zu of %zu tests were run",
                            run->done, run->suite->count);
    for (unsigned i = 0; i < jobs; i++)
        if (look_after(run, &run->workers[i], fds[i].revents != 0, error) != 0)
            return -1;
    return 0;
}

static int run_all(struct run *run, struct rs_error *error)
{
    for (unsigned i = 0; i < run->pool->jobs; i++)
        if (start_worker(run, &run->workers[i], error) != 0)
            return -1;
    for (unsigned i = 0; i < run->pool->jobs; i++)
        if (look_after(run, &run->workers[i], false, error) != 0)
            return -1;
    while (run->done < run->suite->count)
        if (wait_for_workers(run, error) != 0)
            return -1;
    return 0;
}

static int allocate(struct run *run, unsigned jobs)
{
    run->workers = calloc(jobs, sizeof(*run->workers));
    run->notes = mmap(NULL, jobs * sizeof(*run->notes), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!run->workers || run->notes == MAP_FAILED)
        return -1;
    for (unsigned i = 0; i < jobs; i++)
        run->workers[i] = (struct worker){.fd = -1, .note = &run->notes[i]};
    return 0;
}

int rs_pool_run(const struct rs_pool *pool, const struct rs_suite *suite, struct rs_result *results,
                struct rs_error *error)
{
    struct sigaction action = {.sa_handler = on_interrupt};
    struct run run = {.pool = pool, .suite = suite, .results = results, .notes = MAP_FAILED};
    int status = -1;

    if (allocate(&run, pool->jobs) == 0) {
        sigaction(SIGINT, &action, NULL);
        sigaction(SIGTERM, &action, NULL);
        signal(SIGPIPE, SIG_IGN);
        status = run_all(&run, error);
        for (unsigned i = 0; i < pool->jobs; i++)
            end_worker(&run.workers[i]);
    } else {
        rs_error_set(error, RS_EXIT_HOST, "out of memory");
    }
    free(run.workers);
    if (run.notes != MAP_FAILED)
        munmap(run.notes, pool->jobs * sizeof(*run.notes));
    return status;
}
