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

/* Both ends are this program: the structure is sound, but the worker may have died in the middle.
 */
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
    if (result->console_size > RS_CONSOLE_KEPT)
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
    if (rs_sandbox_enter(&own.sandbox, &error) != 0) {
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
