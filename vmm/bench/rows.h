/* SPDX-License-Identifier: MIT
 * From records to rows: what lies between two points, less what the stamps take. */
#ifndef RINGSCOPE_BENCH_ROWS_H
#define RINGSCOPE_BENCH_ROWS_H

#include "measure.h"
#include "sources.h"

int rs_bench_make_rows(const struct rs_bench_plan *plan, const struct rs_bench_host *host,
                       struct rs_bench_sources *sources, struct rs_bench_result *result,
                       struct rs_error *error);

#endif
