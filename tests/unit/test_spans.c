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

/* Threads with their TEBs and kernel stacks; C is of another process. */
static const struct rs_span_thread a = {.cr3 = 0x1000, .bases = 0xa000, .stack = 0x20000};
static const struct rs_span_thread b = {.cr3 = 0x1000, .bases = 0xb000, .stack = 0x28000};
static const struct rs_span_thread c = {.cr3 = 0x2000, .bases = 0xa000, .stack = 0x30000};

static void enter_thread(struct rs_spans *spans, const struct rs_span_thread *thread,
                         uint64_t sequence, uint8_t from_cpl, uint64_t from_rsp)
{
    struct rs_event event = entry(sequence, from_cpl, from_rsp);

    rs_spans_enter(spans, &event, thread);
    rs_spans_stamp(spans, 0, sequence, sequence * 1000);
}

/* A fault in the kernel: GS is the kernel's, the stack goes on below. */
static void fault(struct rs_spans *spans, uint64_t sequence, uint64_t rsp)
{
    const struct rs_span_thread kernel = {
        .cr3 = 0x1000, .bases = 0xffff800000000000, .stack = rsp - 0x30};

    enter_thread(spans, &kernel, sequence, 0, rsp);
}

static void enter(struct rs_spans *spans, uint64_t sequence, uint8_t from_cpl, uint64_t from_rsp)
{
    enter_thread(spans, &a, sequence, from_cpl, from_rsp);
}

static bool leave(struct rs_spans *spans, uint8_t cpl, uint64_t rsp, struct rs_span *closed)
{
    return rs_spans_return(spans, cpl, rsp, &a, closed);
}

START_TEST(return_to_ring_3_closes_the_entry)
{
    struct rs_spans spans = {0};
    struct rs_span closed;

    enter(&spans, 1, 3, 0x1000);
    ck_assert(leave(&spans, 3, 0x9999, &closed)); /* NtContinue goes elsewhere */
    ck_assert_uint_eq(closed.sequence, 1);
    ck_assert_uint_eq(closed.tsc, 1000);
    ck_assert_uint_eq(closed.code, 101);
    ck_assert_uint_eq(closed.vector, 14);
    ck_assert_uint_eq(spans.count, 0);
    ck_assert(!leave(&spans, 3, 0x9999, &closed));
}
END_TEST

START_TEST(faults_inside_a_call_nest)
{
    struct rs_spans spans = {0};
    struct rs_span closed;

    enter(&spans, 1, 3, 0x1000);
    enter(&spans, 2, 0, 0x8000);
    enter(&spans, 3, 0, 0x7000);
    ck_assert(leave(&spans, 0, 0x7000, &closed));
    ck_assert_uint_eq(closed.sequence, 3);
    ck_assert(leave(&spans, 0, 0x8000, &closed));
    ck_assert_uint_eq(closed.sequence, 2);
    ck_assert(leave(&spans, 3, 0x1000, &closed));
    ck_assert_uint_eq(closed.sequence, 1);
}
END_TEST

START_TEST(a_return_of_an_unhooked_entry_closes_nothing)
{
    struct rs_spans spans = {0};
    struct rs_span closed;

    enter(&spans, 1, 3, 0x1000);
    ck_assert(!leave(&spans, 0, 0x8000, &closed));
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
    ck_assert(leave(&spans, 0, 0x8000, &closed)); /* 3 was abandoned */
    ck_assert_uint_eq(closed.sequence, 2);
    enter(&spans, 4, 3, 0x1000); /* 1 was abandoned: ring 3 runs again */
    ck_assert_uint_eq(spans.count, 1);
    ck_assert(leave(&spans, 3, 0, &closed));
    ck_assert_uint_eq(closed.sequence, 4);
}
END_TEST

START_TEST(only_ring_0_entries_are_left_at_a_return_to_ring_3)
{
    struct rs_spans spans = {0};
    struct rs_span closed;

    enter(&spans, 1, 0, 0x8000);
    ck_assert(!leave(&spans, 3, 0, &closed));
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
        ck_assert(leave(&spans, 0, 0x800000 - i * 0x300, &closed));
        ck_assert_uint_eq(closed.sequence, i);
        ck_assert_uint_eq(spans.count, i);
    }
    ck_assert(leave(&spans, 3, 0x1000, &closed));
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
        ck_assert(!leave(&spans, 0, 0x8000000 - (i - 1) * 0x300, &closed));
    for (uint64_t i = RS_SPANS_MAX; i > 0; i--) {
        ck_assert(leave(&spans, 0, 0x8000000 - (i - 1) * 0x300, &closed));
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

    rs_spans_enter(&spans, &event, &a);
    rs_spans_stamp(&spans, 0, 8, 55);
    ck_assert_uint_eq(spans.open[0].tsc, 0);
    rs_spans_stamp(&spans, 0, 7, 55);
    ck_assert_uint_eq(spans.open[0].tsc, 55);
}
END_TEST

/* Sequence number of the entry that a return of the thread to ring 3 closes, and its time. */
static uint64_t left_by(struct rs_spans *spans, const struct rs_span_thread *thread)
{
    struct rs_span closed;

    if (!rs_spans_return(spans, 3, 0x7000, thread, &closed))
        return 0;
    ck_assert_uint_eq(closed.tsc, closed.sequence * 1000);
    ck_assert_uint_eq(closed.depth, 0);
    return closed.sequence;
}

START_TEST(threads_interleave)
{
    struct rs_spans spans = {0};

    enter_thread(&spans, &a, 1, 3, 0x1000); /* waits */
    enter_thread(&spans, &b, 2, 3, 0x2000); /* waits, too */
    enter_thread(&spans, &c, 3, 3, 0x1000);
    ck_assert_uint_eq(left_by(&spans, &c), 3);
    ck_assert_uint_eq(left_by(&spans, &c), 0);
    ck_assert_uint_eq(left_by(&spans, &b), 2);
    enter_thread(&spans, &b, 4, 3, 0x2000);
    ck_assert_uint_eq(left_by(&spans, &a), 1);
    ck_assert_uint_eq(left_by(&spans, &b), 4);
    ck_assert_uint_eq(spans.count, 0);
}
END_TEST

START_TEST(faults_belong_to_the_thread_whose_stack_they_are_on)
{
    struct rs_spans spans = {0};
    struct rs_span closed;

    enter_thread(&spans, &a, 1, 3, 0x1000);
    enter_thread(&spans, &b, 2, 3, 0x2000);
    /* A runs again, inside its call, and faults; then so does B. */
    ck_assert_uint_eq(rs_spans_depth(&spans, 0, 0, a.stack - 0x200), 1);
    fault(&spans, 3, a.stack - 0x200);
    fault(&spans, 4, b.stack - 0x300);
    ck_assert_uint_eq(rs_spans_depth(&spans, 0, 0, a.stack - 0x400), 2);
    fault(&spans, 5, a.stack - 0x400);
    ck_assert(rs_spans_return(&spans, 0, b.stack - 0x300, &a, &closed));
    ck_assert_uint_eq(closed.sequence, 4);
    ck_assert_uint_eq(closed.depth, 1);
    ck_assert(rs_spans_return(&spans, 0, a.stack - 0x400, &a, &closed));
    ck_assert_uint_eq(closed.sequence, 5);
    ck_assert_uint_eq(closed.depth, 2);
    ck_assert_uint_eq(left_by(&spans, &b), 2);
    ck_assert(rs_spans_return(&spans, 0, a.stack - 0x200, &a, &closed));
    ck_assert_uint_eq(closed.sequence, 3);
    ck_assert_uint_eq(left_by(&spans, &a), 1);
}
END_TEST

/* What a thread abandons does not take another thread's with it. */
START_TEST(only_the_own_thread_is_ended)
{
    struct rs_spans spans = {0};

    enter_thread(&spans, &a, 1, 3, 0x1000);
    fault(&spans, 2, a.stack - 0x200);
    enter_thread(&spans, &b, 3, 3, 0x2000);
    enter_thread(&spans, &a, 4, 3, 0x1000); /* 1 and 2 never returned */
    ck_assert_uint_eq(spans.count, 2);
    ck_assert_uint_eq(left_by(&spans, &b), 3);
    rs_spans_forget(&spans, &a);
    ck_assert_uint_eq(left_by(&spans, &a), 0);
    ck_assert_uint_eq(spans.count, 0);
}
END_TEST

START_TEST(a_new_thread_closes_nothing)
{
    struct rs_spans spans = {0};

    enter_thread(&spans, &a, 1, 3, 0x1000);
    ck_assert_uint_eq(left_by(&spans, &b), 0);
    ck_assert_uint_eq(left_by(&spans, &a), 1);
}
END_TEST

/* A service that sets the base of FS or GS: the stack pointer is what it was. */
/* Entries of another vCPU in between are not its own. */
START_TEST(each_vcpu_has_its_last_entry)
{
    struct rs_event first = {.kind = RS_EVENT_EXCEPTION, .vcpu = 1, .sequence = 5, .from_cpl = 3};
    struct rs_event second = {.kind = RS_EVENT_EXCEPTION, .vcpu = 2, .sequence = 5, .from_cpl = 3};
    static struct rs_spans spans;
    struct rs_span closed;

    rs_spans_enter(&spans, &first, &a);
    rs_spans_enter(&spans, &second, &b);
    rs_spans_stamp(&spans, 1, 5, 111);
    rs_spans_stamp(&spans, 2, 5, 222);
    rs_spans_stamp(&spans, 3, 5, 333); /* has none */
    ck_assert_uint_eq(rs_spans_depth(&spans, 1, 0, UINT64_C(0xffff800000000000)), 1);
    ck_assert_uint_eq(rs_spans_depth(&spans, 3, 0, UINT64_C(0xffff800000000000)), 0);
    ck_assert(rs_spans_return(&spans, 3, 0x7000, &a, &closed));
    ck_assert_uint_eq(closed.vcpu, 1);
    ck_assert_uint_eq(closed.tsc, 111);
    ck_assert(rs_spans_return(&spans, 3, 0x7000, &b, &closed));
    ck_assert_uint_eq(closed.vcpu, 2);
    ck_assert_uint_eq(closed.tsc, 222);
}
END_TEST

START_TEST(threads_without_bases_are_named_by_their_vcpu)
{
    ck_assert_uint_ne(rs_span_bases(0, 0, 0), rs_span_bases(1, 0, 0));
    ck_assert_uint_eq(rs_span_bases(0, 0, 0x1000), rs_span_bases(1, 0, 0x1000));
    ck_assert_uint_ne(rs_span_bases(0, 0x1000, 0), rs_span_bases(0, 0, 0x1000));
}
END_TEST

START_TEST(a_thread_may_change_its_bases)
{
    const struct rs_span_thread changed = {.cr3 = 0x1000,
                                           .bases = rs_span_bases(0, 0xf000, 0xa000)};
    struct rs_spans spans = {0};
    struct rs_span closed;

    enter_thread(&spans, &a, 1, 3, 0x1000);
    enter_thread(&spans, &b, 2, 3, 0x2000);
    ck_assert(rs_spans_return(&spans, 3, 0x1000, &changed, &closed));
    ck_assert_uint_eq(closed.sequence, 1);
    ck_assert(!rs_spans_return(&spans, 3, 0x1000, &changed, &closed));
    ck_assert_uint_eq(left_by(&spans, &b), 2);
}
END_TEST

/* All entries from ring 3 are on one stack, and go on elsewhere. */
START_TEST(copied_frames)
{
    static struct rs_spans spans;
    const struct rs_span_thread first = {.cr3 = 0x1001, .bases = 0xa000, .stack = 0x4200};
    const struct rs_span_thread second = {.cr3 = 0x1001, .bases = 0xb000, .stack = 0x4200};
    struct rs_span closed;

    spans = (struct rs_spans){.copies = true};
    enter_thread(&spans, &first, 1, 3, 0x1000);
    ck_assert_uint_eq(rs_spans_depth(&spans, 0, 0, 0x51f00), 1);
    fault(&spans, 2, 0x51f00); /* on its own stack, which nothing has told of */
    ck_assert(rs_spans_return(&spans, 0, 0x51f00, &first, &closed));
    ck_assert_uint_eq(closed.sequence, 2);
    enter_thread(&spans, &second, 3, 3, 0x2000); /* the first waits */
    fault(&spans, 4, 0x61e00);
    ck_assert(rs_spans_return(&spans, 0, 0x61e00, &second, &closed));
    fault(&spans, 5, 0x50f80); /* the first again: deeper, inside its call */
    fault(&spans, 6, 0x50e00);
    ck_assert_uint_eq(spans.open[3].depth, 2);
    ck_assert_uint_eq(spans.open[3].thread.bases, first.bases);
    ck_assert(rs_spans_return(&spans, 3, 0x1000, &first, &closed)); /* ends all of these */
    ck_assert_uint_eq(closed.sequence, 1);
    ck_assert_uint_eq(spans.count, 1);
    ck_assert(rs_spans_return(&spans, 3, 0x2000, &second, &closed));
    ck_assert_uint_eq(closed.sequence, 3);
}
END_TEST

/* Without copies a stack that nobody knows is the last entry's for this once. */
START_TEST(nothing_is_learned_without_copies)
{
    static struct rs_spans spans;

    spans.count = 0;
    enter_thread(&spans, &a, 1, 3, 0x1000);
    fault(&spans, 2, 0x91f00);
    ck_assert_uint_eq(spans.open[0].copied, 0);
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
    UNIT_ADD(suite, threads_interleave);
    UNIT_ADD(suite, faults_belong_to_the_thread_whose_stack_they_are_on);
    UNIT_ADD(suite, only_the_own_thread_is_ended);
    UNIT_ADD(suite, a_new_thread_closes_nothing);
    UNIT_ADD(suite, each_vcpu_has_its_last_entry);
    UNIT_ADD(suite, threads_without_bases_are_named_by_their_vcpu);
    UNIT_ADD(suite, a_thread_may_change_its_bases);
    UNIT_ADD(suite, copied_frames);
    UNIT_ADD(suite, nothing_is_learned_without_copies);
    return unit_run(suite);
}
