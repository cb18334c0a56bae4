/* SPDX-License-Identifier: MIT
 * One test of kvm-unit-tests, in a process of its own. */
#ifndef RINGSCOPE_COMMANDS_KUT_JOB_H
#define RINGSCOPE_COMMANDS_KUT_JOB_H

#include "kut.h"
#include "kut/plan.h"
#include "kut/result.h"

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

struct rs_kut_job {
    const struct rs_kut_test *test;
    struct rs_kut_plan plan;
    char path[PATH_MAX]; /* of its image */
    pid_t pid;           /* while it runs */
    int output_fd;       /* owned */
    bool done;
    unsigned attempts;
    const char *trace; /* file for the trace of this run; NULL: as the options say */
    double begun, seconds;
    int status;   /* its exit code */
    char *output; /* mapped, when it is done */
    size_t output_size, mapped_size;
    char *registers; /* owned; at its end, when they are wanted; NULL: it had none */
};

int rs_kut_job_start(struct rs_kut_job *job, const struct rs_kut_options *options,
                     struct rs_error *error);
/* Waits for one of the jobs that were started, and makes its output readable. Fails when the user
 * ended it: RS_EXIT_INTERRUPTED. */
int rs_kut_job_wait(struct rs_kut_job *jobs, size_t count, const struct rs_kut_options *options,
                    struct rs_error *error);
/* The same for this one. */
int rs_kut_job_finish(struct rs_kut_job *job, const struct rs_kut_options *options,
                      struct rs_error *error);
void rs_kut_job_free(struct rs_kut_job *job);

/* kut_registers.c: takes them out of the output. */
void rs_kut_take_registers(struct rs_kut_job *job);

#endif
