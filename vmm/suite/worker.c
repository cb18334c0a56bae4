/* SPDX-License-Identifier: MIT
 * A worker: one process that runs tests one after another. */
#include "pool.h"

#include "kvm/kvm_host.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int read_all(int fd, void *bytes, size_t size)
{
    char *next = bytes;

    while (size > 0) {
        ssize_t count = read(fd, next, size);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return -1;
        next += count;
        size -= (size_t)count;
    }
    return 0;
}

int rs_worker_write(int fd, const void *bytes, size_t size)
{
    const char *next = bytes;

    while (size > 0) {
        ssize_t count = write(fd, next, size);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return -1;
        next += count;
        size -= (size_t)count;
    }
    return 0;
}

static int send_result(int fd, const struct rs_result *result)
{
    if (rs_worker_write(fd, result, sizeof(*result)) != 0)
        return -1;
    if (rs_worker_write(fd, result->console, result->console_size) != 0)
        return -1;
    for (unsigned i = 0; i < RS_TEXT_COUNT; i++)
        if (result->texts[i].bytes &&
            rs_worker_write(fd, result->texts[i].bytes, result->texts[i].size) != 0)
            return -1;
    return 0;
}

static char *receive_bytes(int fd, size_t size)
{
    char *bytes = malloc(size + 1);

    if (bytes && read_all(fd, bytes, size) == 0) {
        bytes[size] = '\0';
        return bytes;
    }
    free(bytes);
    return NULL;
}

/* What the pool and the reports take for granted; the structure may hold any bytes. */
static bool is_sound(const struct rs_result *result)
{
    bool sound = (unsigned)result->outcome < RS_OUTCOME_COUNT && isfinite(result->seconds) &&
                 result->console_size <= RS_CONSOLE_KEPT &&
                 result->deviation_count <= RS_DEVIATIONS_MAX &&
                 memchr(result->detail, '\0', sizeof(result->detail));

    for (unsigned i = 0; i < result->deviation_count && sound; i++)
        sound = memchr(result->deviations[i].id, '\0', sizeof(result->deviations[i].id)) != NULL;
    return sound;
}

int rs_worker_receive(int fd, struct rs_result *result)
{
    bool sent[RS_TEXT_COUNT];

    if (read_all(fd, result, sizeof(*result)) != 0)
        return -1;
    result->console = NULL;
    for (unsigned i = 0; i < RS_TEXT_COUNT; i++) {
        sent[i] = result->texts[i].bytes != NULL;
        result->texts[i].bytes = NULL;
    }
    if (!is_sound(result))
        return -1;
    result->console = receive_bytes(fd, result->console_size);
    for (unsigned i = 0; i < RS_TEXT_COUNT && result->console; i++) {
        if (sent[i] && result->texts[i].size <= RS_TEXT_MAX)
            result->texts[i].bytes = receive_bytes(fd, result->texts[i].size);
        if (sent[i] && !result->texts[i].bytes) {
            rs_result_free(result);
            return -1;
        }
    }
    return result->console ? 0 : -1;
}

static void run_one(const struct rs_bench_place *place, const struct rs_test *test,
                    struct rs_result *result)
{
    struct rs_error error = {0};

    if (test->kind->run(place, test, result, &error) == 0)
        return;
    result->outcome = RS_OUTCOME_ERROR;
    snprintf(result->detail, sizeof(result->detail), "%.*s", RS_DETAIL_MAX - 1, error.message);
}

/* In a signal handler, on any of its threads: the worker ends, for it may be the guest's by now.
 * Where a vCPU's filter has no exit_group() that ends it, too. */
static void on_violation(void *context, int call)
{
    struct rs_worker_note *note = context;

    atomic_store(&note->forbidden, call);
    syscall(SYS_exit_group, RS_EXIT_SANDBOX);
}

static int confine(struct rs_bench_place *place, struct rs_confined *confined,
                   struct rs_worker_note *note, struct rs_error *error)
{
    struct rs_sandbox_filter worker;
    int result;

    if (rs_sandbox_enter(&place->sandbox, error) != 0)
        return -1;
    if (place->sandbox.mode == RS_SANDBOX_OFF)
        return 0;
    *confined = (struct rs_confined){
        .strict = place->sandbox.mode == RS_SANDBOX_STRICT, .tell = on_violation, .context = note};
    if (rs_sandbox_make_filter(&confined->vcpu, RS_SANDBOX_VCPU, error) != 0 ||
        rs_sandbox_make_filter(&worker, RS_SANDBOX_WORKER, error) != 0)
        return -1;
    place->confined = confined;
    result = rs_sandbox_confine(&worker, on_violation, note);
    rs_sandbox_free_filter(&worker);
    if (result == 0)
        return 0;
    return rs_error_errno(error, RS_EXIT_HOST, -result,
                          "sandbox: this kernel does not take a seccomp filter (--sandbox=off does "
                          "without)");
}

void rs_worker_main(const struct rs_bench_place *place, const struct rs_suite *suite, int fd,
                    struct rs_worker_note *note)
{
    struct rs_bench_place own = *place;
    struct rs_confined confined;
    struct rs_error error;
    uint32_t index;
    char *console = malloc(RS_CONSOLE_KEPT + 1);

    signal(SIGINT, SIG_IGN); /* the parent ends us */
    own.kvm_fd = rs_kvm_open(&error);
    if (own.kvm_fd < 0 || !console)
        _exit(RS_EXIT_HOST);
    if (confine(&own, &confined, note, &error) != 0) {
        fprintf(stderr, "ringscope: %s\n", error.message);
        _exit(RS_EXIT_HOST);
    }
    while (read_all(fd, &index, sizeof(index)) == 0 && index < suite->count) {
        struct rs_result result = {.console = console};

        console[0] = '\0';
        run_one(&own, &suite->tests[index], &result);
        if (send_result(fd, &result) != 0)
            break;
        result.console = NULL; /* used again */
        rs_result_free(&result);
    }
    _exit(0);
}
