/* SPDX-License-Identifier: MIT
 * The bundle: the guest kernel and the ring-3 programs that are part of ringscope. */
#ifndef RINGSCOPE_BUNDLE_H
#define RINGSCOPE_BUNDLE_H

#include "machine/machine.h"

const struct rs_blob *rs_bundle_kernel(void);

/* The program of that name, or NULL. */
const struct rs_blob *rs_bundle_program(const char *name);

/* The programs one after another, from 0; NULL at the end. */
const struct rs_blob *rs_bundle_program_at(size_t index);

#endif
