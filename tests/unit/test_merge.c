/* SPDX-License-Identifier: MIT
 * The streams of several vCPUs, merged while they are written. */
#include "trace/merge.h"

#include "unit.h"

#include <pthread.h>
#include <sched.h>
#include <x86intrin.h>

#define SLOTS 4096
#define STREAMS 3
#define RECORDS 4000u /* fewer than slots: none is ever full */

static struct rs_stream streams[STREAMS];
static struct rs_stream *pointers[STREAMS] = {&streams[0], &streams[1], &streams[2]};
static struct rs_merge merge;

static void setup(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        ck_assert_int_eq(rs_stream_open(&streams[i], SLOTS), 0);
    merge = (struct rs_merge){pointers, count, false};
}

static void teardown(void)
{
    for (unsigned i = 0; i < merge.count; i++)
        rs_stream_free(&streams[i]);
}

static void put(unsigned stream, uint64_t tsc)
{
    struct rs_record *record = rs_stream_reserve(&streams[stream]);

    record->type = RS_RECORD_EVENT;
    record->event.tsc_exit = tsc;
    rs_stream_publish(&streams[stream], record);
}

/* Time stamp of the next record, which is taken; 0: none for now. */
static uint64_t take(void)
{
    struct rs_stream *from;
    const struct rs_record *record = rs_merge_next(&merge, &from);
    uint64_t tsc = record ? rs_record_tsc(record) : 0;

    if (record)
        rs_stream_consume(from);
    return tsc;
}

START_TEST(the_oldest_comes_first)
{
    setup(STREAMS);
    put(0, 10);
    put(0, 40);
    put(1, 20);
    put(2, 30);
    merge.ended = true;
    ck_assert_uint_eq(take(), 10);
    ck_assert_uint_eq(take(), 20);
    ck_assert_uint_eq(take(), 30);
    ck_assert_uint_eq(take(), 40);
    ck_assert_uint_eq(take(), 0);
    teardown();
}
END_TEST

START_TEST(console_bytes_have_their_place)
{
    struct rs_record *record;

    setup(2);
    put(0, 10);
    put(0, 30);
    record = rs_stream_reserve(&streams[1]);
    record->type = RS_RECORD_CONSOLE;
    record->tsc = 20;
    rs_stream_publish(&streams[1], record);
    merge.ended = true;
    ck_assert_uint_eq(take(), 10);
    ck_assert_uint_eq(take(), 20);
    ck_assert_uint_eq(take(), 30);
    teardown();
}
END_TEST

START_TEST(a_vcpu_at_an_exit_is_waited_for)
{
    setup(2);
    put(0, 100);
    ck_assert_uint_eq(take(), 0); /* vCPU 1 has not begun */
    rs_stream_quiet(&streams[1], 50);
    rs_stream_busy(&streams[1]);
    ck_assert_uint_eq(take(), 0); /* what it is doing began at 50 or later */
    put(1, 70);
    ck_assert_uint_eq(take(), 70);
    ck_assert_uint_eq(take(), 0);
    rs_stream_quiet(&streams[1], 120);
    ck_assert_uint_eq(take(), 100);
    teardown();
}
END_TEST

START_TEST(a_vcpu_in_the_guest_is_not_waited_for)
{
    uint64_t now = __rdtsc();

    setup(2);
    rs_stream_quiet(&streams[1], 1);
    put(0, now);
    put(0, UINT64_MAX - 1); /* not yet: vCPU 1 may leave the guest before that */
    ck_assert_uint_eq(take(), now);
    ck_assert_uint_eq(take(), 0);
    teardown();
}
END_TEST

/* It holds a lock, perhaps, that the vCPU is behind that everybody waits for. */
START_TEST(a_full_ring_is_emptied)
{
    setup(2);
    for (uint64_t i = 0; i < SLOTS; i++)
        put(0, 100 + i);
    ck_assert_uint_eq(take(), 0);
    atomic_store(&streams[0].waits, true);
    ck_assert_uint_eq(take(), 100);
    atomic_store(&streams[0].waits, false);
    ck_assert_uint_eq(take(), 0);
    teardown();
}
END_TEST

START_TEST(a_single_stream_is_not_held_up)
{
    setup(1);
    put(0, 5);
    ck_assert_uint_eq(take(), 5);
    ck_assert_uint_eq(take(), 0);
    teardown();
}
END_TEST

/* As a vCPU thread does it: out of the guest, a time stamp, some work, a record, and in again. */
static void *produce(void *argument)
{
    struct rs_stream *stream = argument;

    for (unsigned i = 0; i < RECORDS; i++) {
        struct rs_record *record;
        uint64_t tsc;

        rs_stream_quiet(stream, __rdtsc());
        if (i % 64 == 0)
            sched_yield();
        rs_stream_busy(stream);
        tsc = __rdtsc();
        record = rs_stream_reserve(stream);
        record->type = RS_RECORD_EVENT;
        record->event.tsc_exit = tsc;
        rs_stream_publish(stream, record);
    }
    rs_stream_quiet(stream, 0);
    return NULL;
}

START_TEST(threads_are_merged_in_order)
{
    pthread_t threads[STREAMS];
    uint64_t before = 0;

    setup(STREAMS);
    for (unsigned i = 0; i < STREAMS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, produce, &streams[i]), 0);
    for (unsigned taken = 0; taken < STREAMS * RECORDS;) {
        uint64_t tsc = take();

        if (tsc == 0) {
            sched_yield();
            continue;
        }
        ck_assert_uint_ge(tsc, before);
        before = tsc;
        taken++;
    }
    for (unsigned i = 0; i < STREAMS; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_eq(take(), 0);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("merge");

    UNIT_ADD(suite, the_oldest_comes_first);
    UNIT_ADD(suite, console_bytes_have_their_place);
    UNIT_ADD(suite, a_vcpu_at_an_exit_is_waited_for);
    UNIT_ADD(suite, a_vcpu_in_the_guest_is_not_waited_for);
    UNIT_ADD(suite, a_full_ring_is_emptied);
    UNIT_ADD(suite, a_single_stream_is_not_held_up);
    UNIT_ADD(suite, threads_are_merged_in_order);
    return unit_run(suite);
}
