/* SPDX-License-Identifier: MIT
 * Inside `ringscope report`: what is printed of a summary. */
#ifndef RINGSCOPE_COMMANDS_REPORT_H
#define RINGSCOPE_COMMANDS_REPORT_H

#include "trace/ctf/reader.h"
#include "trace/summary.h"

#include <stdio.h>

void rs_report_text(const struct rs_ctf_reader *reader, const struct rs_summary *summary,
                    FILE *file);
/* Returns 0, or -1 when there is no memory or the file takes no more. */
int rs_report_json(const struct rs_ctf_reader *reader, const struct rs_summary *summary,
                   FILE *file);

/* The quantiles that are told: name, per mille, title. */
#define RS_REPORT_QUANTILES(X)                                                                     \
    X(p50, 500, "p50")                                                                             \
    X(p90, 900, "p90")                                                                             \
    X(p99, 990, "p99")                                                                             \
    X(p999, 999, "p99.9")

#endif
