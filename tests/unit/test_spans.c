/* SPDX-License-Identifier: MIT
 * Which return closes which entry, with fabricated events. */
#include "hooks/spans.h"
#include "unit.h"

static struct rs_event entry(uint64_t sequence, uint8_t from_cpl, uint64_t from_rsp)
{
    return (struct rs_event){.kind = RS_EVENT_EXCEPTION,
                             .vector = 14,
                             .sequence = sequence,
                             .from_cpl = from_cpl,
                             .from_rsp = from_rsp,
                             .code = (uint32_t)sequence + 100};
}

static void enter(struct rs_spans *spans, uint64_t sequence, uint8_t from_cpl, uint64_t from_rsp)
{
    struct rs_event event = entry(sequence, from_cpl, from_rsp);

    rs_spans_enter(spans, &event);
    rs_spans_stamp(spans, sequence, sequence * 1000);
}

START_TEST(return_to_ring_3_closes_the_entry)
{
    struct rs_spans spans = {0};
    struct rs_span closed;

    enter(&spans, 1, 3, 0x1000);
    ck_assert(rs_spans_return(&spans, 3, 0x9999, &closed)); /* NtContinue goes elsewhere */
    ck_assert_uint_eq(closed.sequence, 1);
    ck_assert_uint_eq(closed.tsc, 1000);
    ck_assert_uint_eq(closed.code, 101);
    ck_assert_uint_eq(closed.vector, 14);
    ck_assert_uint_eq(spans.count, 0);
    ck_assert(!rs_spans_return(&spans, 3, 0x9999, &closed));
}
END_TEST

START_TEST(faults_inside_a_call_nest)
{
    struct rs_spans spans = {0};
    struct rs_span closed;

    enter(&spans, 1, 3, 0x1000);
    enter(&spans, 2, 0, 0x8000);
    enter(&spans, 3, 0, 0x7000);
    ck_assert(rs_spans_return(&spans, 0, 0x7000, &closed));
    ck_assert_uint_eq(closed.sequence, 3);
    ck_assert(rs_spans_return(&spans, 0, 0x8000, &closed));
    ck_assert_uint_eq(closed.sequence, 2);
    ck_assert(rs_spans_return(&spans, 3, 0x1000, &closed));
    ck_assert_uint_eq(closed.sequence, 1);
}
END_TEST

START_TEST(a_return_of_an_unhooked_entry_closes_nothing)
{
    struct rs_spans spans = {0};
    struct rs_span closed;

    enter(&spans, 1, 3, 0x1000);
    ck_assert(!rs_spans_return(&spans, 0, 0x8000, &closed));
    ck_assert_uint_eq(spans.count, 1);
}
END_TEST

START_TEST(an_inner_entry_that_never_returns_is_dropped)
{
    struct rs_spans spans = {0};
    struct rs_span closed;

    enter(&spans, 1, 3, 0x1000);
    enter(&spans, 2, 0, 0x8000);
    enter(&spans, 3, 0, 0x7000);
    ck_assert(rs_spans_return(&spans, 0, 0x8000, &closed)); /* 3 was abandoned */
    ck_assert_uint_eq(closed.sequence, 2);
    enter(&spans, 4, 3, 0x1000); /* 1 was abandoned: ring 3 runs again */
    ck_assert_uint_eq(spans.count, 1);
    ck_assert(rs_spans_return(&spans, 3, 0, &closed));
    ck_assert_uint_eq(closed.sequence, 4);
}
END_TEST

START_TEST(only_ring_0_entries_are_left_at_a_return_to_ring_3)
{
    struct rs_spans spans = {0};
    struct rs_span closed;

    enter(&spans, 1, 0, 0x8000);
    ck_assert(!rs_spans_return(&spans, 3, 0, &closed));
    ck_assert_uint_eq(spans.count, 0);
}
END_TEST

/* Each closes its own entry, the innermost first. */
START_TEST(a_thousand_nest)
{
    struct rs_spans spans = {0};
    struct rs_span closed;

    enter(&spans, 0, 3, 0x1000);
    for (uint64_t i = 1; i <= 1000; i++)
        enter(&spans, i, 0, 0x800000 - i * 0x300);
    ck_assert_uint_eq(spans.count, 1001);
    for (uint64_t i = 1000; i > 0; i--) {
        ck_assert(rs_spans_return(&spans, 0, 0x800000 - i * 0x300, &closed));
        ck_assert_uint_eq(closed.sequence, i);
        ck_assert_uint_eq(spans.count, i);
    }
    ck_assert(rs_spans_return(&spans, 3, 0x1000, &closed));
    ck_assert_uint_eq(closed.sequence, 0);
    ck_assert_uint_eq(spans.overflows, 0);
}
END_TEST

/* What was too deep has no return; what is around it keeps its own. */
START_TEST(entries_that_are_too_deep_are_left_out)
{
    struct rs_spans spans = {0};
    struct rs_span closed;

    for (uint64_t i = 0; i < RS_SPANS_MAX + 5; i++)
        enter(&spans, i, 0, 0x8000000 - i * 0x300);
    for (uint64_t i = RS_SPANS_MAX + 5; i > RS_SPANS_MAX; i--)
        ck_assert(!rs_spans_return(&spans, 0, 0x8000000 - (i - 1) * 0x300, &closed));
    for (uint64_t i = RS_SPANS_MAX; i > 0; i--) {
        ck_assert(rs_spans_return(&spans, 0, 0x8000000 - (i - 1) * 0x300, &closed));
        ck_assert_uint_eq(closed.sequence, i - 1);
    }
    ck_assert_uint_eq(spans.overflows, 5);
}
END_TEST

START_TEST(depth_is_bounded)
{
    struct rs_spans spans = {0};

    for (uint64_t i = 0; i < RS_SPANS_MAX + 5; i++)
        enter(&spans, i, 0, 0x8000 + i);
    ck_assert_uint_eq(spans.count, RS_SPANS_MAX);
    ck_assert_uint_eq(spans.overflows, 5);
}
END_TEST

START_TEST(only_the_innermost_entry_is_stamped)
{
    struct rs_spans spans = {0};
    struct rs_event event = entry(7, 3, 0);

    rs_spans_enter(&spans, &event);
    rs_spans_stamp(&spans, 8, 55);
    ck_assert_uint_eq(spans.open[0].tsc, 0);
    rs_spans_stamp(&spans, 7, 55);
    ck_assert_uint_eq(spans.open[0].tsc, 55);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spans");

    UNIT_ADD(suite, return_to_ring_3_closes_the_entry);
    UNIT_ADD(suite, faults_inside_a_call_nest);
    UNIT_ADD(suite, a_return_of_an_unhooked_entry_closes_nothing);
    UNIT_ADD(suite, an_inner_entry_that_never_returns_is_dropped);
    UNIT_ADD(suite, only_ring_0_entries_are_left_at_a_return_to_ring_3);
    UNIT_ADD(suite, a_thousand_nest);
    UNIT_ADD(suite, entries_that_are_too_deep_are_left_out);
    UNIT_ADD(suite, depth_is_bounded);
    UNIT_ADD(suite, only_the_innermost_entry_is_stamped);
    return unit_run(suite);
}
