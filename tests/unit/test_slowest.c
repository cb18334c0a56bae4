/* SPDX-License-Identifier: MIT
 * The longest spans are kept, in whatever order they come and however they are divided. */
#include "trace/slowest.h"
#include "unit.h"

#define SPANS 1000u
#define KEPT 7u

static struct rs_event span(uint64_t ticks, uint64_t sequence)
{
    return (struct rs_event){
        .kind = RS_EVENT_SYSRET, .entry_tsc = 50, .tsc_exit = 50 + ticks, .sequence = sequence};
}

static void check_longest(struct rs_slowest *slowest)
{
    rs_slowest_sort(slowest);
    ck_assert_uint_eq(slowest->used, KEPT);
    for (unsigned i = 0; i < KEPT; i++)
        ck_assert_uint_eq(slowest->spans[i].ticks, SPANS - 1 - i);
}

/* 7919 is a prime: every number comes once, in no order. */
START_TEST(any_order_gives_the_same)
{
    struct rs_slowest parts[3];

    for (unsigned i = 0; i < 3; i++)
        ck_assert_int_eq(rs_slowest_open(&parts[i], KEPT), 0);
    for (unsigned i = 0; i < SPANS; i++) {
        struct rs_event event = span(i * 7919 % SPANS, i);

        rs_slowest_add(&parts[0], 0, &event);
        rs_slowest_add(&parts[1 + i % 2], 0, &event);
    }
    rs_slowest_merge(&parts[1], &parts[2]);
    check_longest(&parts[0]);
    check_longest(&parts[1]);
    for (unsigned i = 0; i < 3; i++)
        rs_slowest_close(&parts[i]);
}
END_TEST

START_TEST(the_first_of_equals_are_kept)
{
    struct rs_slowest slowest;

    ck_assert_int_eq(rs_slowest_open(&slowest, 2), 0);
    for (unsigned i = 0; i < 10; i++) {
        struct rs_event event = span(5, 9 - i);

        rs_slowest_add(&slowest, 0, &event);
    }
    rs_slowest_sort(&slowest);
    ck_assert_uint_eq(slowest.spans[0].event.sequence, 0);
    ck_assert_uint_eq(slowest.spans[1].event.sequence, 1);
    rs_slowest_close(&slowest);
}
END_TEST

START_TEST(entries_are_no_spans)
{
    struct rs_event entry = {.kind = RS_EVENT_SYSCALL, .tsc_exit = 1000};
    struct rs_slowest slowest;

    ck_assert_int_eq(rs_slowest_open(&slowest, 2), 0);
    rs_slowest_add(&slowest, 0, &entry);
    ck_assert_uint_eq(slowest.used, 0);
    rs_slowest_close(&slowest);
    ck_assert_int_eq(rs_slowest_open(&slowest, 0), 0);
    entry = span(9, 9);
    rs_slowest_add(&slowest, 0, &entry);
    ck_assert_uint_eq(slowest.used, 0);
    rs_slowest_close(&slowest);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("slowest");

    UNIT_ADD(suite, any_order_gives_the_same);
    UNIT_ADD(suite, the_first_of_equals_are_kept);
    UNIT_ADD(suite, entries_are_no_spans);
    return unit_run(suite);
}
