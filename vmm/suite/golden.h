/* SPDX-License-Identifier: MIT
 * Golden files: the transitions of a test as they are to be. */
#ifndef RINGSCOPE_SUITE_GOLDEN_H
#define RINGSCOPE_SUITE_GOLDEN_H

#include "suite.h"

/*
 * DIRECTORY/NAME.trace, '/' and '.' of the name as '_': a line for each transition (transitions.h),
 * '#' begins a comment; "none" alone: there is none; "any": whatever comes.
 *
 * Holds a result that has passed against the file: it fails when they differ, and is an error when
 * there is no such file. With `update` the file is written instead. Returns 0 or -1: it cannot be
 * read or written.
 */
int rs_golden_judge(const char *directory, const char *name, bool update, struct rs_result *result,
                    struct rs_error *error);

#endif
