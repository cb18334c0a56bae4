/* SPDX-License-Identifier: MIT
 * Inside the search for tests: what is named, and where. */
#ifndef RINGSCOPE_SUITE_DISCOVER_H
#define RINGSCOPE_SUITE_DISCOVER_H

#include "suite.h"

/* A path and what stands behind it in a suite file, or NULL. */
struct rs_named {
    const char *path;
    const char *arguments;
    unsigned depth; /* suite files around it */
    /* What a suite file says of it; NULL: nothing. */
    const char *needs, *xfail, *ends;
};

/* discover.c: what lies there. */
int rs_suite_add_place(struct rs_suite *suite, const struct rs_named *place,
                       struct rs_error *error);

/* suite_file.c: the tests of a suite file, whose text is cut into pieces. */
int rs_suite_add_file(struct rs_suite *suite, const struct rs_named *place, char *text,
                      struct rs_error *error);

/* What is behind the last '/'. */
const char *rs_base_name(const char *path);

#endif
