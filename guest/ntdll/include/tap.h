/* SPDX-License-Identifier: MIT
 * Test harness of ring-3 programs: "Test Anything Protocol" on the standard output. */
#ifndef TAP_H
#define TAP_H

#include <nt/types.h>

/* One result. Returns `passed`, so that a test can stop where going on makes no sense. */
bool tap_ok(bool passed, const char *claim, ...) __attribute__((format(printf, 2, 3)));

/* Compares and shows both values when they differ. */
bool tap_status(NTSTATUS got, NTSTATUS expected, const char *claim, ...)
    __attribute__((format(printf, 3, 4)));
bool tap_equal(uint64_t got, uint64_t expected, const char *claim, ...)
    __attribute__((format(printf, 3, 4)));

/* The host, not the guest, cannot show the behaviour. */
void tap_skip(const char *claim, const char *reason);

/* Prints the plan. The exit status: 0 if all passed, 1 if one failed, 2 if nothing was tested. */
int tap_done(void);

#endif
