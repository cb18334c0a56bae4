/* SPDX-License-Identifier: MIT
 * Runs kvm-unit-tests: each test is a `ringscope run` (or trace) of its image in a process of its
 * own. */
#ifndef RINGSCOPE_COMMANDS_KUT_H
#define RINGSCOPE_COMMANDS_KUT_H

#include "error.h"
#include "test_suite.h"

#include <stdbool.h>

struct rs_kut_options {
    const char *directory; /* the suite, built: with x86/unittests.cfg, or that file's own */
    char *const *names;    /* tests, or globs of them, NULL-terminated; NULL: all */
    const char *group;     /* only this one; NULL: all but what is marked "nodefault" */
    const char *host;      /* --host of the runs; NULL: auto */
    const char *repair;    /* --repair of the runs; NULL: on */
    const char *hook_kind; /* --hook-kind of the runs; NULL: auto */
    const char *trace;     /* trace each with this filter; NULL: run only; "": everything */
    const char *logs;      /* directory for NAME.log and NAME.trace; NULL: none are kept */
    double timeout;        /* seconds; 0: the tests' own */
    unsigned jobs;         /* at a time */
    bool quiet;            /* results alone, not the lines */
    /* -k, --shard, --retries, --list, --max-events, --artefacts; with `report` --format and
     * --output.
     */
    const struct rs_test_options *suite;
    bool report; /* a report of ringscope test instead of the text */
};

/* Prints the results on stdout. Returns the exit code; errors are said on stderr. */
int rs_kut_run(const struct rs_kut_options *options);

/* kut_report.c: the same as a line of a report; keeps artefacts. `kut` NULL: it was not run. */
struct rs_kut_job;
struct rs_kut_result;
int rs_kut_report_add(const struct rs_kut_options *options, struct rs_kut_job *job,
                      const struct rs_kut_result *kut, struct rs_report *report,
                      struct rs_error *error);

#endif
