/* SPDX-License-Identifier: MIT
 * Budgets of a guest: what their options say, what they are when nobody says anything. */
#include "commands/budget.h"
#include "unit.h"

#include <fcntl.h>
#include <math.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

START_TEST(seconds_are_read)
{
    static const char *const bad[] = {"", "0", "-1", "x", "1x", "nan", "inf", "1e999"};
    double seconds;

    ck_assert(rs_budget_parse_seconds("none", &seconds) && isinf(seconds));
    ck_assert(rs_budget_parse_seconds("0.5", &seconds));
    ck_assert_double_eq(seconds, 0.5);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        ck_assert_msg(!rs_budget_parse_seconds(bad[i], &seconds), "'%s'", bad[i]);
}
END_TEST

START_TEST(options_are_read)
{
    static const char *const bad[] = {"",   "0",    "-1", "x",
                                      "1x", "None", "0K", "99999999999999999999"};
    uint64_t limit;

    ck_assert(rs_budget_parse("none", &limit) && limit == RS_BUDGET_NONE);
    ck_assert(rs_budget_parse("1", &limit) && limit == 1);
    ck_assert(rs_budget_parse("64K", &limit) && limit == 64 << 10);
    ck_assert(rs_budget_parse("2G", &limit) && limit == UINT64_C(2) << 30);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        ck_assert_msg(!rs_budget_parse(bad[i], &limit), "'%s'", bad[i]);
}
END_TEST

static int temporary_file(void)
{
    FILE *file = tmpfile();
    int fd;

    ck_assert_ptr_nonnull(file);
    fd = dup(fileno(file));
    fclose(file);
    ck_assert_int_ge(fd, 0);
    return fd;
}

/* Of what is free, which others use, too: near to it. */
static void assert_share(uint64_t limit, int fd, unsigned share)
{
    struct statvfs disk;
    uint64_t part;

    ck_assert_int_eq(fstatvfs(fd, &disk), 0);
    part = (uint64_t)disk.f_bavail * disk.f_frsize / share;
    ck_assert_uint_ge(limit, part / 2);
    ck_assert_uint_le(limit, part * 2);
}

START_TEST(a_disk_is_not_filled)
{
    int file = temporary_file(), memory = (int)syscall(SYS_memfd_create, "budget", 0),
        null = open("/dev/null", O_WRONLY);
    const int none[] = {-1, null, memory}, one[] = {-1, null, file};

    ck_assert_uint_eq(rs_budget_of_disk(none, 3, 2), RS_BUDGET_NONE);
    assert_share(rs_budget_of_disk(one, 3, 2), file, 2);
    assert_share(rs_budget_of_disk(one, 3, 4), file, 4);
    close(file);
    close(memory);
    close(null);
}
END_TEST

START_TEST(each_has_a_default)
{
    struct rs_budget budget = {.limits = {0}};
    int file = temporary_file();

    rs_budget_begin(&budget, &file, 1, file);
    ck_assert_int_eq(budget.spent, -1);
    ck_assert_double_eq(budget.seconds, 2592000);
    ck_assert_uint_eq(budget.limits[RS_BUDGET_EXITS], 1000000000000);
    ck_assert_uint_eq(budget.limits[RS_BUDGET_EVENTS], 1000000000000);
    assert_share(budget.limits[RS_BUDGET_TRACE], file, RS_BUDGET_TRACE_SHARE);
    ck_assert_uint_le(budget.limits[RS_BUDGET_CONSOLE], RS_BUDGET_CONSOLE_DEFAULT);
    close(file);
}
END_TEST

START_TEST(what_was_set_stays)
{
    struct rs_budget budget = {
        .seconds = INFINITY, .limits = {[RS_BUDGET_EXITS] = 7, [RS_BUDGET_TRACE] = RS_BUDGET_NONE}};
    int file = temporary_file();

    rs_budget_begin(&budget, &file, 1, -1);
    ck_assert(isinf(budget.seconds));
    ck_assert_uint_eq(budget.limits[RS_BUDGET_EXITS], 7);
    ck_assert_uint_eq(budget.limits[RS_BUDGET_TRACE], RS_BUDGET_NONE);
    ck_assert_uint_eq(budget.limits[RS_BUDGET_CONSOLE], RS_BUDGET_CONSOLE_DEFAULT);
    close(file);
}
END_TEST

START_TEST(the_first_that_is_used_up_is_told)
{
    struct rs_budget budget = {
        .limits = {[RS_BUDGET_EXITS] = 10, [RS_BUDGET_EVENTS] = 5, [RS_BUDGET_CONSOLE] = 100}};

    rs_budget_begin(&budget, NULL, 0, -1);
    ck_assert(rs_budget_use(&budget, RS_BUDGET_EXITS, 9));
    ck_assert_int_eq(budget.spent, -1);
    ck_assert(!rs_budget_use(&budget, RS_BUDGET_EVENTS, 5));
    ck_assert(!rs_budget_use(&budget, RS_BUDGET_EXITS, 12));
    ck_assert_int_eq(budget.spent, RS_BUDGET_EVENTS);
    ck_assert_uint_eq(budget.used[RS_BUDGET_EXITS], 12);
}
END_TEST

START_TEST(console_output_is_cut_off)
{
    struct rs_budget budget = {.limits = {[RS_BUDGET_CONSOLE] = 100}};

    rs_budget_begin(&budget, NULL, 0, -1);
    ck_assert_uint_eq(rs_budget_console(&budget, 60), 60);
    ck_assert_int_eq(budget.spent, -1);
    ck_assert_uint_eq(rs_budget_console(&budget, 60), 40);
    ck_assert_int_eq(budget.spent, RS_BUDGET_CONSOLE);
    ck_assert_uint_eq(rs_budget_console(&budget, 1), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("budget");

    UNIT_ADD(suite, seconds_are_read);
    UNIT_ADD(suite, options_are_read);
    UNIT_ADD(suite, a_disk_is_not_filled);
    UNIT_ADD(suite, each_has_a_default);
    UNIT_ADD(suite, what_was_set_stays);
    UNIT_ADD(suite, the_first_that_is_used_up_is_told);
    UNIT_ADD(suite, console_output_is_cut_off);
    return unit_run(suite);
}
