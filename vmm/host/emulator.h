/* SPDX-License-Identifier: MIT
 * One emulator process: the interpreted machine of an emulated host. */
#ifndef RINGSCOPE_HOST_EMULATOR_H
#define RINGSCOPE_HOST_EMULATOR_H

#include "wait.h"

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

struct rs_emulator {
    pid_t pid;
    int channel;    /* frames: a socket; a machine that has none has two one-way ends */
    int input;      /* to the machine; -1: the channel is both */
    int monitor;    /* QMP, a socket; -1: none */
    int messages;   /* read end: the machine's console, and the emulator's own complaints */
    char tail[256]; /* the end of the messages, printable characters only */
    size_t tail_size;
};

/* No process and no descriptors. */
#define RS_EMULATOR_NONE                                                                           \
    {                                                                                              \
        .pid = -1, .channel = -1, .input = -1, .monitor = -1, .messages = -1                       \
    }

void rs_emulator_stop(struct rs_emulator *emulator);

/* Reads messages that are there; copies them to stderr when `show`. Returns 1, 0 when there were
 * none, -1 at their end. */
int rs_emulator_messages(struct rs_emulator *emulator, bool show);

/* Reads what is left, and gives the last line; "" when there is none. */
const char *rs_emulator_last_message(struct rs_emulator *emulator);

/* The path of a program in PATH. Returns 0 or -1. */
int rs_emulator_find(const char *program, char path[PATH_MAX]);

#endif
