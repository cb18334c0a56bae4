/* SPDX-License-Identifier: MIT
 * One QEMU process: start, messages, end. */
#include "qemu.h"

#include "process.h"
#include "qemu_options.h"
#include "sandbox/sandbox.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int spawn(struct rs_qemu *qemu, const struct rs_qemu_config *config, int messages,
                 int channel, int monitor, struct rs_error *error)
{
    struct rs_qemu_options options;
    char program[PATH_MAX];
    struct rs_spawn spawn = {.argv = options.argv,
                             .directory = config->directory,
                             .out = messages,
                             .err = messages,
                             .inherit = {channel, monitor},
                             .inherit_count = 2,
                             .confine = rs_sandbox_enter_qemu,
                             .program = program};

    if (rs_qemu_find(program) != 0)
        return rs_error_set(error, RS_EXIT_HOST, RS_QEMU_PROGRAM " not found");
    rs_qemu_options(&options, config);
    return rs_spawn(&spawn, &qemu->pid, error);
}

static void close_pair(const int pair[2])
{
    close(pair[0]);
    close(pair[1]);
}

int rs_qemu_start(struct rs_qemu *qemu, const struct rs_qemu_config *config, struct rs_error *error)
{
    int channel[2], monitor[2], messages[2];

    *qemu = (struct rs_qemu){.pid = -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "emulated host: socketpair");
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, monitor) != 0) {
        close_pair(channel);
        return rs_error_errno(error, RS_EXIT_HOST, errno, "emulated host: socketpair");
    }
    if (pipe2(messages, O_CLOEXEC) != 0) {
        close_pair(channel);
        close_pair(monitor);
        return rs_error_errno(error, RS_EXIT_HOST, errno, "emulated host: pipe");
    }
    qemu->channel = channel[0];
    qemu->monitor = monitor[0];
    qemu->messages = messages[0];
    fcntl(qemu->messages, F_SETFL, O_NONBLOCK);
    if (spawn(qemu, config, messages[1], channel[1], monitor[1], error) != 0) {
        qemu->pid = -1;
        rs_qemu_stop(qemu);
    }
    close(messages[1]);
    close(channel[1]);
    close(monitor[1]);
    return qemu->pid < 0 ? -1 : 0;
}

void rs_qemu_stop(struct rs_qemu *qemu)
{
    if (qemu->pid > 0)
        rs_spawn_kill(qemu->pid);
    qemu->pid = -1;
    close(qemu->channel);
    close(qemu->monitor);
    close(qemu->messages);
}

/* The machine's console is not trusted with the terminal: control characters are dropped. */
static bool is_text(char byte)
{
    return byte == '\n' || isprint((unsigned char)byte);
}

static void keep(struct rs_qemu *qemu, char byte)
{
    if (qemu->tail_size == sizeof(qemu->tail) - 1)
        memmove(qemu->tail, qemu->tail + 1, --qemu->tail_size);
    qemu->tail[qemu->tail_size++] = byte;
}

int rs_qemu_messages(struct rs_qemu *qemu, bool show)
{
    char bytes[4096];
    ssize_t size = read(qemu->messages, bytes, sizeof(bytes));

    if (size < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    for (ssize_t i = 0; i < size; i++) {
        if (!is_text(bytes[i]))
            continue;
        keep(qemu, bytes[i]);
        if (show)
            fputc(bytes[i], stderr);
    }
    return size > 0 ? 1 : -1;
}

const char *rs_qemu_last_message(struct rs_qemu *qemu)
{
    char *line;

    /* A bound, since a living machine may print without end. */
    for (int i = 0; i < 64 && rs_qemu_messages(qemu, false) > 0; i++)
        ;
    while (qemu->tail_size > 0 && qemu->tail[qemu->tail_size - 1] == '\n')
        qemu->tail_size--;
    qemu->tail[qemu->tail_size] = '\0';
    line = strrchr(qemu->tail, '\n');
    return line ? line + 1 : qemu->tail;
}
