/* SPDX-License-Identifier: MIT
 * Child processes that do not outlive ringscope. */
#ifndef RINGSCOPE_HOST_PROCESS_H
#define RINGSCOPE_HOST_PROCESS_H

#include "wait.h"

#include <stddef.h>
#include <sys/types.h>

#define RS_SPAWN_INHERIT_MAX 8

/* The child gets /dev/null as stdin, the C locale, a process group of its own (the terminal's
 * Ctrl-C is for ringscope to forward), and SIGKILL when ringscope ends. */
struct rs_spawn {
    const char *const *argv; /* argv[0] is looked up in PATH */
    const char *directory;   /* NULL: the current one */
    int out, err;
    int inherit[RS_SPAWN_INHERIT_MAX]; /* become descriptors 3, 4, ... */
    size_t inherit_count;
    const char *terminal;                /* TERM; NULL: as it is */
    int (*confine)(const char *program); /* in the child; 0 or -errno. NULL: it is not confined */
    const char *program;                 /* for it: the path of argv[0] */
};

int rs_spawn(const struct rs_spawn *spawn, pid_t *child, struct rs_error *error);

/* Kills the child's process group and collects it. */
void rs_spawn_kill(pid_t child);

/* Runs a program to its end. `out` (NULL: dropped) gets at most out_size - 1 bytes of its stdout,
 * and a NUL. Fails, with the last line of its stderr in the message, when it exits with another
 * status than 0, and when a signal comes. */
int rs_spawn_run(struct rs_wait *wait, const char *const *argv, const char *directory, char *out,
                 size_t out_size, struct rs_error *error);

#endif
