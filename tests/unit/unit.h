/* SPDX-License-Identifier: MIT
 * What every unit-test executable shares: a main function, and assertions that name their row. */
#ifndef RINGSCOPE_TESTS_UNIT_H
#define RINGSCOPE_TESTS_UNIT_H

#include <check.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* ck_assert_uint_eq() for a table row: the message begins with the row's name. */
#define assert_row_eq(row, actual, expected)                                                       \
    do {                                                                                           \
        uint64_t actual_ = (uint64_t)(actual), expected_ = (uint64_t)(expected);                   \
        ck_assert_msg(actual_ == expected_, "%s: %s is %#" PRIx64 ", expected %#" PRIx64, (row),   \
                      #actual, actual_, expected_);                                                \
    } while (0)

/* Adds a test case with the name of its function. */
static inline void unit_add(Suite *suite, const char *name, const TTest *test, int rows)
{
    TCase *group = tcase_create(name);

    if (rows > 0)
        tcase_add_loop_test(group, test, 0, rows);
    else
        tcase_add_test(group, test);
    suite_add_tcase(suite, group);
}

#define UNIT_ADD(suite, test) unit_add(suite, #test, test, 0)
/* One test for each row of a table: the test finds its row in _i. */
#define UNIT_ADD_ROWS(suite, test, table) unit_add(suite, #test, test, (int)ARRAY_SIZE(table))

/* A process in which valgrind makes calls of its own. */
static inline bool unit_under_valgrind(void)
{
    const char *preload = getenv("LD_PRELOAD");

    return preload && strstr(preload, "vgpreload");
}

/* What main() returns when nothing can be tested here: a skip to Meson. */
static inline int unit_skip(const char *why)
{
    printf("skipped: %s\n", why);
    return 77;
}

static inline int unit_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
