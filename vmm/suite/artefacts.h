/* SPDX-License-Identifier: MIT
 * What is kept of tests that did not pass. */
#ifndef RINGSCOPE_SUITE_ARTEFACTS_H
#define RINGSCOPE_SUITE_ARTEFACTS_H

#include "suite.h"

/* Whether a result has something to keep. */
bool rs_artefacts_wanted(const struct rs_result *result);

/* Makes DIRECTORY/NAME@HOST with the files `console`, `registers`, `outcome`, and as far as they
 * are there `trace` and `difference`. `path` gets that directory. Returns 0 or -1. */
int rs_artefacts_keep(const char *directory, const char *name, const char *host,
                      const struct rs_result *result, char *path, size_t size,
                      struct rs_error *error);

#endif
