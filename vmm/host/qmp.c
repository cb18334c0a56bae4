/* SPDX-License-Identifier: MIT
 * QEMU's monitor: saving and restoring a machine. */
#include "qmp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/*
 * Source: QEMU, "QEMU Machine Protocol Specification": one JSON object to a line; a command is
 * answered by an object with `return` or `error`; events may come between. The answers are those
 * of a program of this machine, so it is enough to know them by how they begin.
 *
 * With the capability x-ignore-shared, memory that is a shared file stays out of the state: the
 * saved machine is that file and some 60 KiB.
 */
#define ANSWER_TIMEOUT_MS 20000
#define POLL_MS 10

#define IGNORE_SHARED                                                                              \
    "{\"execute\":\"migrate-set-capabilities\",\"arguments\":{\"capabilities\":[{"                 \
    "\"capability\":\"x-ignore-shared\",\"state\":true}]}}\n"
#define GET_STATE_FD "{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"state\"}}\n"

struct answer {
    char text[8192]; /* a longer line is cut: only its beginning matters */
};

static int read_line(struct rs_emulator *qemu, struct rs_wait *wait, struct answer *answer,
                     struct rs_error *error)
{
    size_t used = 0;
    char byte;

    for (;;) {
        struct pollfd slot = {.fd = qemu->monitor, .events = POLLIN};
        int ready = rs_wait_poll(wait, &slot, 1, ANSWER_TIMEOUT_MS);

        if (ready < 0)
            return rs_wait_interrupted(wait, error);
        if (ready == 0)
            return rs_error_set(error, RS_EXIT_HOST, "QEMU's monitor does not answer");
        if (recv(qemu->monitor, &byte, 1, 0) != 1)
            return rs_error_set(error, RS_EXIT_HOST, "QEMU ended: %s",
                                rs_emulator_last_message(qemu));
        if (byte == '\n')
            break;
        if (used < sizeof(answer->text) - 1)
            answer->text[used++] = byte;
    }
    answer->text[used] = '\0';
    return 0;
}

static bool begins(const struct answer *answer, const char *prefix)
{
    return strncmp(answer->text, prefix, strlen(prefix)) == 0;
}

static int send_line(struct rs_emulator *qemu, const char *line, int fd)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec data = {.iov_base = (void *)(uintptr_t)line, .iov_len = strlen(line)};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};

    if (fd >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof(control);
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
    }
    return sendmsg(qemu->monitor, &message, MSG_NOSIGNAL) == (ssize_t)data.iov_len ? 0 : -1;
}

static int execute(struct rs_emulator *qemu, struct rs_wait *wait, const char *line, int fd,
                   struct answer *answer, struct rs_error *error)
{
    if (send_line(qemu, line, fd) != 0)
        return rs_error_set(error, RS_EXIT_HOST, "QEMU ended: %s", rs_emulator_last_message(qemu));
    do {
        if (read_line(qemu, wait, answer, error) != 0)
            return -1;
    } while (!begins(answer, "{\"return\"") && !begins(answer, "{\"error\""));
    if (begins(answer, "{\"return\""))
        return 0;
    return rs_error_set(error, RS_EXIT_HOST, "QEMU's monitor: %.300s", answer->text);
}

/* Up to the point where both directions are the same. */
static int prepare(struct rs_emulator *qemu, struct rs_wait *wait, int state_fd,
                   struct answer *answer, struct rs_error *error)
{
    if (execute(qemu, wait, "{\"execute\":\"qmp_capabilities\"}\n", -1, answer, error) != 0 ||
        execute(qemu, wait, IGNORE_SHARED, -1, answer, error) != 0)
        return -1;
    return execute(qemu, wait, GET_STATE_FD, state_fd, answer, error);
}

int rs_qmp_save(struct rs_emulator *qemu, struct rs_wait *wait, int state_fd,
                struct rs_error *error)
{
    struct answer answer;

    if (prepare(qemu, wait, state_fd, &answer, error) != 0 ||
        execute(qemu, wait, "{\"execute\":\"migrate\",\"arguments\":{\"uri\":\"fd:state\"}}\n", -1,
                &answer, error) != 0)
        return -1;
    do {
        if (rs_wait_poll(wait, NULL, 0, POLL_MS) < 0)
            return rs_wait_interrupted(wait, error);
        if (execute(qemu, wait, "{\"execute\":\"query-migrate\"}\n", -1, &answer, error) != 0)
            return -1;
    } while (!strstr(answer.text, "\"completed\"") && !strstr(answer.text, "\"failed\""));
    if (strstr(answer.text, "\"completed\""))
        return 0;
    return rs_error_set(error, RS_EXIT_HOST, "saving the machine: %.300s", answer.text);
}

int rs_qmp_restore(struct rs_emulator *qemu, struct rs_wait *wait, int state_fd,
                   struct rs_error *error)
{
    struct answer answer;

    if (prepare(qemu, wait, state_fd, &answer, error) != 0)
        return -1;
    return execute(qemu, wait,
                   "{\"execute\":\"migrate-incoming\",\"arguments\":{\"uri\":\"fd:state\"}}\n", -1,
                   &answer, error);
}
