/* SPDX-License-Identifier: MIT
 * The ring between a vCPU thread and the writer. */
#include "trace/stream.h"
#include "unit.h"

#include <pthread.h>
#include <sched.h>

#define SLOTS 64
#define RECORDS 20000

static struct rs_stream stream;

static void produce(uint64_t value)
{
    struct rs_record *record = rs_stream_reserve(&stream);

    record->type = RS_RECORD_EVENT;
    record->event.sequence = value;
    rs_stream_publish(&stream, record);
}

START_TEST(records_come_out_in_order)
{
    ck_assert_int_eq(rs_stream_open(&stream, SLOTS), 0);
    ck_assert_ptr_null(rs_stream_peek(&stream));
    for (uint64_t i = 0; i < SLOTS; i++)
        produce(i);
    for (uint64_t i = 0; i < SLOTS; i++) {
        ck_assert_uint_eq(rs_stream_peek(&stream)->event.sequence, i);
        rs_stream_consume(&stream);
    }
    ck_assert_ptr_null(rs_stream_peek(&stream));
    rs_stream_free(&stream);
}
END_TEST

START_TEST(a_record_is_not_seen_before_it_is_published)
{
    struct rs_record *record;

    ck_assert_int_eq(rs_stream_open(&stream, SLOTS), 0);
    record = rs_stream_reserve(&stream);
    ck_assert_ptr_null(rs_stream_peek(&stream));
    rs_stream_publish(&stream, record);
    ck_assert_ptr_nonnull(rs_stream_peek(&stream));
    rs_stream_free(&stream);
}
END_TEST

START_TEST(a_closed_stream_drops_and_counts)
{
    ck_assert_int_eq(rs_stream_open(&stream, SLOTS), 0);
    rs_stream_close(&stream);
    for (uint64_t i = 0; i < SLOTS + 7; i++)
        produce(i);
    ck_assert_uint_eq(stream.dropped, 7);
    ck_assert_uint_eq(rs_stream_peek(&stream)->event.sequence, 0);
    rs_stream_free(&stream);
}
END_TEST

static void *producer(void *context)
{
    for (uint64_t i = 0; i < RECORDS; i++)
        produce(i);
    return context;
}

START_TEST(a_full_ring_waits_and_loses_nothing)
{
    pthread_t thread;

    ck_assert_int_eq(rs_stream_open(&stream, SLOTS), 0);
    ck_assert_int_eq(pthread_create(&thread, NULL, producer, NULL), 0);
    for (uint64_t i = 0; i < RECORDS;) {
        const struct rs_record *record = rs_stream_peek(&stream);

        if (!record) {
            sched_yield();
            continue;
        }
        ck_assert_uint_eq(record->event.sequence, i++);
        rs_stream_consume(&stream);
    }
    pthread_join(thread, NULL);
    ck_assert_uint_eq(stream.dropped, 0);
    rs_stream_free(&stream);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stream");

    UNIT_ADD(suite, records_come_out_in_order);
    UNIT_ADD(suite, a_record_is_not_seen_before_it_is_published);
    UNIT_ADD(suite, a_closed_stream_drops_and_counts);
    UNIT_ADD(suite, a_full_ring_waits_and_loses_nothing);
    return unit_run(suite);
}
