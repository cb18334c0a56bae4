/* SPDX-License-Identifier: MIT
 * System calls that ringscope never makes while a guest runs. */
#ifndef RINGSCOPE_TESTS_FORBIDDEN_H
#define RINGSCOPE_TESTS_FORBIDDEN_H

typedef void forbidden_fn(void);

/* What makes the call of this name; NULL: none does. */
forbidden_fn *forbidden_call(const char *name);

#endif
