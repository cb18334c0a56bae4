/* SPDX-License-Identifier: MIT
 * Between main.c and harness.c: how one claim is run, and how it can end. */
#ifndef INTERNAL_H
#define INTERNAL_H

#include "harness.h"

/* FAIL: the guest is wrong. ERROR: the claim could not be tested, or expected nothing. */
enum outcome {
    PASS,
    FAIL,
    SKIPPED,
    ERROR
};

#define EXIT_PASS 0
#define EXIT_FAIL 1
#define EXIT_SKIP 77
#define EXIT_ERROR 99

/*
 * System calls that tell a reader of the trace where a claim begins and ends: an index that no
 * table has, RDX = the claim's index in the run, R8 = 1 at the beginning and 0 at the end, and R9 =
 * where exceptions are delivered.
 */
#define MARK_SERVICE 0xfff
#define MARK_MAGIC 0x434f4e46 /* R10: "CONF" */

/* Brings in what would otherwise be a page fault in the middle of a claim. */
void prepare_claims(void);

/* pages.c: every page of the program and of the stack that is used. */
void touch_memory(void);

enum outcome run_claim(const struct claim *claim, unsigned index);

/* The TAP line, and behind it what the expectations that failed have written. */
void report_claim(enum outcome outcome, unsigned number, const char *name, int length);

#endif
