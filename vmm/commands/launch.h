/* SPDX-License-Identifier: MIT
 * From options to a running guest: what run and trace share. */
#ifndef RINGSCOPE_LAUNCH_H
#define RINGSCOPE_LAUNCH_H

#include "options.h"
#include "session.h"

/* What inspect does with a machine: `prepare` before it runs, `finish` when it has stopped. Each
 * says on stderr what is wrong; finish returns the exit code, prepare 0 or one. */
struct rs_visitor {
    int (*prepare)(struct rs_visitor *visitor, struct rs_session *session,
                   const struct rs_images *images);
    int (*finish)(struct rs_visitor *visitor, struct rs_session *session,
                  const struct rs_images *images);
};

/* What trace adds to a run. All zero: run. */
struct rs_launch {
    struct rs_filter *filter;
    struct rs_text *text;                /* file NULL: stderr */
    const char *output;                  /* -o: path of the text; NULL: stderr */
    struct rs_counts *counts;            /* -c */
    bool lines;                          /* print lines, not only counts */
    struct rs_recording recording;       /* --record */
    uint32_t string_size;                /* -s */
    struct rs_visitor *visitor;          /* inspect; NULL: none */
    struct rs_machine_pagefile pagefile; /* opened by rs_launch_command() */
};

/* Runs the guest that the options name on this machine's /dev/kvm (`kvm_fd`), prints what there is
 * to print, and returns the exit code. */
int rs_launch(const struct rs_options *options, struct rs_launch *launch, int kvm_fd,
              const struct rs_images *images);

/* Parses, picks the host and runs: the body of both commands. `argv` as given by main(). */
int rs_launch_command(int argc, char **argv, const struct argp *argp, struct rs_options *options,
                      struct rs_launch *launch, void *input);

#endif
