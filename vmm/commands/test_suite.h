/* SPDX-License-Identifier: MIT
 * ringscope test: from options to a report. */
#ifndef RINGSCOPE_COMMANDS_TEST_SUITE_H
#define RINGSCOPE_COMMANDS_TEST_SUITE_H

#include "hooks/kinds.h"
#include "host.h"
#include "sandbox/sandbox.h"
#include "suite/report.h"
#include "suite/suite.h"

#define RS_TEST_WORDS_MAX 32

struct rs_test_options {
    char **paths; /* PATH and SUITE, or reports with `merge`; NULL-terminated; NULL: bundled ones */
    const char *words[RS_TEST_WORDS_MAX]; /* -k */
    size_t word_count;
    enum rs_host_choice host; /* of one; RS_HOST_AUTO: see `hosts` */
    unsigned hosts;           /* several: a bit for each rs_host_choice; 0: the one */
    unsigned jobs;            /* 0: one for each CPU */
    unsigned retries;
    double seconds;
    uint64_t memory;
    unsigned shard, shards; /* shards 0: all */
    enum rs_report_format format;
    const char *output;    /* NULL: stdout */
    const char *artefacts; /* directory; NULL: none */
    const char *golden;    /* the same, of golden files */
    const char *trace; /* expression: trace all tests; "": everything; NULL: only those that ask */
    int hook_kind;     /* RS_HOOK_AUTO or enum rs_hook_kind; GATE: nothing is measured */
    unsigned cpus;
    uint64_t events; /* traced ones of a test; 0: no limit */
    struct rs_sandbox sandbox;
    bool merge, list, no_repair, kva_shadow, verify, update;
};

/* Returns the exit code; errors are said on stderr. */
int rs_test_suite(const struct rs_test_options *options);

/* Writes it as the options say, sums it up on stderr. Returns the exit code. */
int rs_test_write_report(const struct rs_test_options *options, const struct rs_report *report);

/* Whether all tests are traced. */
static inline bool rs_test_traces(const struct rs_test_options *options)
{
    return options->trace || options->golden;
}

/* test_emulated.c: all tests of the suite on an emulated host, added to the report. Returns 0 or
 * -1. */
int rs_test_emulated(const struct rs_test_options *options, enum rs_host_kind kind,
                     const struct rs_suite *suite, struct rs_report *report,
                     struct rs_error *error);

#endif
