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
/* void (const char *line): the claims from here on depend on this line of `ringscope doctor`. Where
 * doctor finds, now, that the host departs there, their failure is expected. NULL: no longer. */
#define test_deviation tap_deviation

/* The claim is the text of the expression. Values are told in hexadecimal, statuses by name. */
#define EXPECT(condition) tap_ok(condition, "%s", #condition)
#define EXPECT_EQUAL(got, expected)                                                                \
    _Generic((got), NTSTATUS                                                                       \
             : _Generic((expected), NTSTATUS                                                       \
                        : test_equal_status, default                                               \
                        : tap_equal),                                                              \
               default                                                                             \
             : tap_equal)((uint64_t)(got), (uint64_t)(expected), "%s", #got)

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

/*
 * A claim about the transitions that the statement behind it makes, which `ringscope test` traces:
 * these, in this order, and no others. docs/testing.md has the words of the lines. Interrupts, and
 * page faults that were served, are left out unless a line names one.
 *
 *   EXPECT_TRACE("UD2 is dispatched", "EXC #UD from 3 on RSP0", "IRET #UD to dispatcher",
 *                "SYSCALL NtContinue from 3", "IRET NtContinue to 3")
 *   {
 *       __asm__ volatile("ud2");
 *   }
 *
 * EXPECT_TRACE("NOP", "none"): there is none. The statement must not write to the console.
 */
#define EXPECT_TRACE(claim, ...)                                                                   \
    for (bool more_ = ({                                                                           \
             TEST_NOTE_TRACE();                                                                    \
             test_trace_begin(claim, (const char *const[]){__VA_ARGS__, NULL});                    \
         });                                                                                       \
         more_; more_ = test_trace_end())

/* ringscope finds this note in the file: RS_NOTE_EXPECTS_TRACE of <ringscope/abi.h>. */
#define TEST_NOTE_TRACE()                                                                          \
    __asm__ volatile(".ifndef test_note_trace\n\t.set test_note_trace, 1\n\t"                      \
                     ".pushsection .note.ringscope, \"a\", @note\n\t.balign 4\n\t"                 \
                     ".long 10, 0, 16\n\t.asciz \"ringscope\"\n\t.balign 4\n\t.popsection\n"       \
                     ".endif")

/* Both return what `more_` becomes. */
bool test_trace_begin(const char *claim, const char *const *lines);
bool test_trace_end(void);

/* For the macros. */
bool test_equal_status(uint64_t got, uint64_t expected, const char *claim, ...)
    __attribute__((format(printf, 3, 4)));
void test_tell_statuses(const char *what, NTSTATUS got, NTSTATUS expected);

/* For the two kinds of tests: marks a part of the trace. */
void test_trace_mark(unsigned number, bool begins);

/* The test or its surroundings broke: not the subject. Ends the test. */
_Noreturn void test_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

int main(int argc, char **argv);
int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
