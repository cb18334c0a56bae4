/* SPDX-License-Identifier: MIT
 * Expected lines of a trace against those that came. */
#ifndef RINGSCOPE_SUITE_LINES_H
#define RINGSCOPE_SUITE_LINES_H

#include <stdbool.h>
#include <stdio.h>

/*
 * `expected`: a line each, blanks around them and lines that begin with '#' left out; the one word
 * "none" is no line, "any" holds whatever came. `got`: of rs_transitions_write(). Interrupts, and
 * page faults that were served, are left out of it when `expected` names no "IRQ " or no "#PF".
 * Where they differ writes on `out` what diff -u would: '-' expected, '+' traced. Returns 1 same,
 * 0 different, -1 out of memory.
 */
int rs_lines_compare(const char *expected, const char *got, FILE *out);

/* A golden file of what came: without what comes by the way, unless the rest names such. */
void rs_lines_put_golden(const char *got, FILE *out);

#endif
