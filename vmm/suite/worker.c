/* SPDX-License-Identifier: MIT
 * A worker: one process that runs tests one after another. */
#include "pool.h"

#include "kvm/kvm_host.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
    return rs_worker_write(fd, result->console, result->console_size);
}

/* Both ends are this program: the structure is sound, but the worker may have died in the middle.
 */
int rs_worker_receive(int fd, struct rs_result *result)
{
    if (read_all(fd, result, sizeof(*result)) != 0 || result->console_size > RS_CONSOLE_KEPT)
        return -1;
    result->console = malloc(result->console_size + 1);
    if (!result->console)
        return -1;
    result->console[result->console_size] = '\0';
    if (read_all(fd, result->console, result->console_size) == 0)
        return 0;
    free(result->console);
    result->console = NULL;
    return -1;
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

void rs_worker_main(const struct rs_bench_place *place, const struct rs_suite *suite, int fd)
{
    struct rs_bench_place own = *place;
    struct rs_error error;
    uint32_t index;
    char *console = malloc(RS_CONSOLE_KEPT + 1);

    signal(SIGINT, SIG_IGN); /* the parent ends us */
    own.kvm_fd = rs_kvm_open(&error);
    if (own.kvm_fd < 0 || !console)
        _exit(RS_EXIT_HOST);
    while (read_all(fd, &index, sizeof(index)) == 0 && index < suite->count) {
        struct rs_result result = {.console = console};

        console[0] = '\0';
        run_one(&own, &suite->tests[index], &result);
        if (send_result(fd, &result) != 0)
            break;
    }
    _exit(0);
}
