/* SPDX-License-Identifier: MIT
 * Results of suites: of this run or read from files, and the formats that they are written in. */
#ifndef RINGSCOPE_SUITE_REPORT_H
#define RINGSCOPE_SUITE_REPORT_H

#include "suite.h"

#include <stdio.h>

/* X(name, word) */
#define RS_REPORT_FORMATS(X)                                                                       \
    X(TAP, "tap")                                                                                  \
    X(JUNIT, "junit")                                                                              \
    X(JSON, "json")

enum rs_report_format {
#define X(name, word) RS_REPORT_##name,
    RS_REPORT_FORMATS(X)
#undef X
};

struct rs_report_line {
    char *name, *host, *kind, *artefacts; /* owned; artefacts: a directory, or NULL */
    struct rs_result result;              /* console owned */
};

struct rs_report {
    struct rs_report_line *lines;
    size_t count;
    double seconds; /* from the first test to the last, by the clock */
};

void rs_report_free(struct rs_report *report);
unsigned rs_report_total(const struct rs_report *report, enum rs_outcome outcome);

/* One line more; copies the texts and takes over what result owns. Returns 0, or -1. */
int rs_report_add(struct rs_report *report, const char *name, const char *host, const char *kind,
                  const char *artefacts, const struct rs_result *result);

/* All of it. Returns 0, or -1: out of memory, or the stream failed. */
int rs_report_write(const struct rs_report *report, enum rs_report_format format, FILE *out);

/* Adds what a file of --format json says; docs/test-report.schema.json. A test of the same name and
 * host must not be there yet. Returns 0 or -1. */
int rs_report_read(struct rs_report *report, const char *path, struct rs_error *error);

/* The three writers. */
int rs_report_write_tap(const struct rs_report *report, FILE *out);
int rs_report_write_junit(const struct rs_report *report, FILE *out);
int rs_report_write_json(const struct rs_report *report, FILE *out);

/* A text of a guest's in one line of TAP: printable, and no '#' that would be a directive. */
void rs_report_put_text(FILE *out, const char *text);

#endif
