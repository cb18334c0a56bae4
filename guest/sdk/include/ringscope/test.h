/* SPDX-License-Identifier: MIT
 * Writing guest tests: what programs of ring 3 and bare kernels have in common. */
#ifndef RINGSCOPE_TEST_H
#define RINGSCOPE_TEST_H

#include <tap.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A test makes claims and ends with `return test_done();` from main(). Each claim is a line of TAP;
 * one that does not hold says what was expected and what came. A test without a claim is an error.
 */
#define test_claim tap_ok /* bool (bool holds, const char *claim, ...) */
#define test_skip tap_skip
#define test_done tap_done

/* Both values in hexadecimal; the claim is the text of the expression. */
#define EXPECT(condition) tap_ok(condition, "%s", #condition)
#define EXPECT_EQUAL(got, expected) tap_equal((uint64_t)(got), (uint64_t)(expected), "%s", #got)

/*
 * Tables of cases: ROW(expression) names itself.
 *
 *   static const struct row { const char *name; uint64_t got, expected; } rows[] = {
 *       ROW(1 + 1, 2),
 *   };
 *   EACH_ROW(rows, row) tap_equal(row->got, row->expected, "%s", row->name);
 */
#define ROW(expression, ...)                                                                       \
    {                                                                                              \
#expression, expression, __VA_ARGS__                                                       \
    }
#define EACH_ROW(rows, row)                                                                        \
    for (const __typeof__((rows)[0]) *row = (rows); row < (rows) + sizeof(rows) / sizeof(*(rows)); \
         row++)

/* The test or its surroundings broke: not the subject. Ends the test. */
_Noreturn void test_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

int main(int argc, char **argv);
int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
