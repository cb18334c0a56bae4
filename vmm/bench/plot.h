/* SPDX-License-Identifier: MIT
 * A result as a picture, by gnuplot. */
#ifndef RINGSCOPE_BENCH_PLOT_H
#define RINGSCOPE_BENCH_PLOT_H

#include "result.h"

/* Whether a picture of this name can be drawn: .svg or .png. */
bool rs_bench_plot_name(const char *path);

/* The commands for gnuplot: a panel for each item (its distribution, and how much lies below), and
 * the phases of system calls as stacked bars. */
void rs_bench_plot_script(const struct rs_bench_result *result, const char *path, FILE *out);

/* Runs gnuplot. Returns 0, or -1: there is none, or it failed, or the file cannot be written. */
int rs_bench_plot(const struct rs_bench_result *result, const char *path, struct rs_error *error);

#endif
