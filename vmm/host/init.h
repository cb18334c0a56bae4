/* SPDX-License-Identifier: MIT
 * The init process of the emulated host: process 1 of the machine, linked statically. */
#ifndef RINGSCOPE_HOST_INIT_H
#define RINGSCOPE_HOST_INIT_H

#include "frame.h"

#include <poll.h>
#include <sys/types.h>

struct rs_words {
    char **list; /* ends with NULL once there is a word */
    size_t count;
};

struct rs_inner {
    int in;           /* frames come from here; a port does not block */
    int more;         /* and then from here; -1: there is no more */
    int out;          /* where they go; -1: rs_inner_print() */
    int child_signal; /* signalfd of SIGCHLD */
    struct rs_frame_reader reader;
    struct rs_words arguments, environment;

    int file; /* being uploaded, or -1 */
    char *file_path;

    pid_t child;                  /* 0: not started */
    int streams[RS_STREAM_COUNT]; /* our ends; -1: closed */
    bool stdin_ended;
    size_t stdin_size; /* bytes that the command has not taken yet */
    uint8_t stdin_bytes[RS_STDIN_WINDOW];
};

/* init_machine.c: mounts, modules, devices. Each returns 0, or -1 having told the console why. */
int rs_inner_prepare(void);
void rs_inner_greet(const struct rs_hello *hello);

/* init_port.c */
int rs_inner_open(struct rs_inner *inner); /* 0, or -1 having told the console why */
void rs_inner_at_end(struct rs_inner *inner);
void rs_inner_print(const uint8_t *bytes, size_t size);

/* init_send.c. They end the machine when the port is gone. */
void rs_inner_send(struct rs_inner *inner, enum rs_frame_type type, uint8_t stream,
                   const void *payload, size_t size);
void rs_inner_fail(struct rs_inner *inner, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* init_files.c: the frames FILE_*. */
void rs_inner_make_directories(const char *path);
void rs_inner_file(struct rs_inner *inner, const struct rs_frame *frame);

/* init_command.c: the frames from ARGUMENT to START, and SIGNAL. */
void rs_inner_word(struct rs_inner *inner, struct rs_words *words, const struct rs_frame *frame);
void rs_inner_output(struct rs_inner *inner, const struct rs_frame *frame);
void rs_inner_start(struct rs_inner *inner, const struct rs_frame *frame);
void rs_inner_signal(struct rs_inner *inner, const struct rs_frame *frame);

/* init_streams.c */
void rs_inner_stdin_data(struct rs_inner *inner, const struct rs_frame *frame);
void rs_inner_close(struct rs_inner *inner, uint8_t stream);
void rs_inner_feed_stdin(struct rs_inner *inner);
/* Sends what there is; returns false when nothing came. */
bool rs_inner_forward(struct rs_inner *inner, uint8_t stream);
/* Collects children; when the command is among them, sends what is left, and EXIT. */
void rs_inner_reap(struct rs_inner *inner);

/* The payload as a string of its own; NULL when memory is short or it has a NUL in it. */
char *rs_inner_string(const uint8_t *bytes, size_t size);

#endif
