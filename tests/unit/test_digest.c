/* SPDX-License-Identifier: MIT
 * A trace that several threads sum up has the sums of one that one thread reads in order. */
#include "fake_trace.h"
#include "trace/counts.h"
#include "trace/digest.h"
#include "unit.h"

#include <fcntl.h>
#include <ringscope/x86/vectors.h>
#include <unistd.h>

#define CALLS 130000u /* 15 MiB: enough for several threads */
#define SLOW_EVERY 1000u
#define SLOWEST 20
#define LOST 3u /* events that never came, each time */
#define LOST_EVERY 40000u

static struct rs_digest digest;
static struct rs_summary expected;
static struct rs_error error;

/* Ticks from entry to return: all slow ones differ. */
static uint64_t ticks_of(unsigned call)
{
    return call % SLOW_EVERY == 0 ? 1000000 + call : 100 + call % 77;
}

static void put(struct rs_ctf_writer *writer, const struct rs_event *event)
{
    ck_assert(rs_ctf_write(writer, event));
    rs_summary_add(&expected, event);
}

/* System calls with errors and deviations, an exception without return now and then. */
static void write_calls(unsigned calls)
{
    static struct rs_ctf_writer writer;
    uint64_t tsc = FAKE_TRACE_TSC, sequence = 0;

    memset(&expected, 0, sizeof(expected));
    fake_trace_open(&writer, 1);
    for (unsigned i = 0; i < calls; i++) {
        struct rs_event entry = {.kind = RS_EVENT_SYSCALL,
                                 .code = i % 100,
                                 .sequence = sequence++,
                                 .flags = i % 3 ? 0 : RS_EVENT_REPAIRED,
                                 .deviations = i % 3 ? 0 : RS_DEVIATION_CS | RS_DEVIATION_RIP};
        struct rs_event end = {.kind = RS_EVENT_SYSRET,
                               .entry_kind = RS_EVENT_SYSCALL,
                               .entry_code = i % 100,
                               .code = i % 10 ? 0 : 0xc0000008,
                               .entry_sequence = entry.sequence};
        struct rs_event fault = {.kind = RS_EVENT_EXCEPTION, .vector = RS_VECTOR_PF};

        if (i % LOST_EVERY == LOST_EVERY - 1) {
            sequence += LOST;
            entry.sequence += LOST;
            end.entry_sequence += LOST;
        }
        tsc += 100;
        entry.tsc_exit = entry.tsc_resume = tsc;
        put(&writer, &entry);
        if (i % 50 == 0) {
            fault.sequence = sequence++;
            fault.tsc_exit = tsc + 10;
            put(&writer, &fault);
        }
        end.sequence = sequence++;
        end.entry_tsc = entry.tsc_resume;
        tsc += ticks_of(i);
        end.tsc_exit = tsc;
        put(&writer, &end);
    }
    ck_assert_int_eq(rs_ctf_close(&writer, &error), 0);
}

static void check_row(const struct rs_summary_row *row)
{
    const struct rs_summary_row *found = rs_summary_find(digest.summary, row->kind, row->key);

    ck_assert_ptr_nonnull(found);
    ck_assert_uint_eq(found->calls, row->calls);
    ck_assert_uint_eq(found->errors, row->errors);
    ck_assert_mem_eq(&found->deviations, &row->deviations, sizeof(row->deviations));
    ck_assert_mem_eq(&found->spans, &row->spans, sizeof(row->spans));
    ck_assert_uint_eq(rs_summary_open(found), row->kind == RS_EVENT_EXCEPTION ? row->calls : 0);
}

static void check_summary(void)
{
    ck_assert_uint_eq(digest.summary->events, expected.events);
    ck_assert_mem_eq(digest.summary->kinds, expected.kinds, sizeof(expected.kinds));
    ck_assert_mem_eq(digest.summary->deviations, expected.deviations, sizeof(expected.deviations));
    ck_assert_uint_eq(digest.summary->used, expected.used);
    for (size_t i = 0; i < expected.used; i++)
        check_row(&expected.rows[i]);
}

START_TEST(threads_find_what_one_finds)
{
    write_calls(CALLS);
    ck_assert_int_eq(rs_digest_read(&digest, fake_trace_path, SLOWEST, NULL, NULL, &error), 0);
    ck_assert_uint_eq(digest.faults.count, 0);
    ck_assert_uint_eq(expected.used, 101);
    ck_assert_uint_eq(digest.discarded, CALLS / LOST_EVERY * LOST);
    check_summary();
    ck_assert_uint_eq(digest.slowest.used, SLOWEST);
    for (unsigned i = 0; i < SLOWEST; i++)
        ck_assert_uint_eq(digest.slowest.spans[i].ticks, ticks_of(CALLS - (i + 1) * SLOW_EVERY));
    ck_assert_uint_eq(digest.start, FAKE_TRACE_TSC + 100);
    rs_digest_free(&digest);
}
END_TEST

/* In the middle of a trace that several threads read. */
START_TEST(faults_are_told_and_the_rest_is_read)
{
    uint8_t wrong = 0;
    int fd;

    write_calls(CALLS);
    fd = fake_trace_file("stream_0", O_RDWR);
    for (unsigned packet = 1000; packet < 3000; packet += 1000)
        ck_assert_int_eq(pwrite(fd, &wrong, 1, (off_t)packet * RS_CTF_PACKET_SIZE), 1);
    close(fd);
    ck_assert_int_eq(rs_digest_read(&digest, fake_trace_path, 0, NULL, NULL, &error), 0);
    ck_assert_uint_eq(digest.faults.count, 2);
    ck_assert_int_eq(rs_ctf_faults_error(&digest.faults, digest.path, &error), -1);
    ck_assert_ptr_nonnull(strstr(error.message, "packet 1000: "));
    ck_assert_uint_lt(digest.summary->events, expected.events);
    ck_assert_uint_gt(digest.summary->events, expected.events - 300);
    rs_digest_free(&digest);
}
END_TEST

START_TEST(an_empty_trace_is_a_trace)
{
    write_calls(0);
    ck_assert_int_eq(rs_digest_read(&digest, fake_trace_path, 5, NULL, NULL, &error), 0);
    ck_assert_uint_eq(digest.summary->events, 0);
    ck_assert_uint_eq(digest.start, digest.end);
    rs_digest_free(&digest);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("digest");
    TCase *files = tcase_create("digest");

    tcase_add_checked_fixture(files, fake_trace_setup, fake_trace_teardown);
    tcase_set_timeout(files, 60);
    tcase_add_test(files, threads_find_what_one_finds);
    tcase_add_test(files, faults_are_told_and_the_rest_is_read);
    tcase_add_test(files, an_empty_trace_is_a_trace);
    suite_add_tcase(suite, files);
    return unit_run(suite);
}
