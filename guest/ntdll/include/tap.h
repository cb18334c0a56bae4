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

/* The claims from here on depend on a line of `ringscope doctor`; NULL: no longer. Where doctor
 * finds that the host departs there, ringscope test expects one of them to fail; elsewhere all must
 * hold. Such a claim does not count for the exit status. */
void tap_deviation(const char *line);

/* For harnesses: what a claim's line ends in, and one claim that somebody else will judge. */
const char *tap_directive(void);
const char *tap_deviation_id(void);
void tap_expectation(void);

/* Prints the plan. The exit status: 0 if all passed, 1 if one failed, 2 if nothing was tested. */
int tap_done(void);

#endif
