/* SPDX-License-Identifier: MIT
 * One QEMU process: start. */
#include "qemu.h"

#include "process.h"
#include "qemu_options.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/socket.h>
#include <unistd.h>

static int spawn(struct rs_emulator *qemu, const struct rs_qemu_config *config, int messages,
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

    if (rs_emulator_find(RS_QEMU_PROGRAM, program) != 0)
        return rs_error_set(error, RS_EXIT_HOST, RS_QEMU_PROGRAM " not found");
    rs_qemu_options(&options, config);
    return rs_spawn(&spawn, &qemu->pid, error);
}

static void close_pair(const int pair[2])
{
    close(pair[0]);
    close(pair[1]);
}

int rs_qemu_start(struct rs_emulator *qemu, const struct rs_qemu_config *config,
                  struct rs_error *error)
{
    int channel[2], monitor[2], messages[2];

    *qemu = (struct rs_emulator)RS_EMULATOR_NONE;
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
        rs_emulator_stop(qemu);
    }
    close(messages[1]);
    close(channel[1]);
    close(monitor[1]);
    return qemu->pid < 0 ? -1 : 0;
}
