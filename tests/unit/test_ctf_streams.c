/* SPDX-License-Identifier: MIT
 * Traces of several streams: merged by time, read from any place, and read as far as they are
 * sound. */
#include "fake_trace.h"
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define STREAMS 3
#define EVENTS 3000u /* in each stream: many packets */
#define LOST 5u      /* sequence numbers that stream 1 leaves out in its middle */
#define KEY_WRITE_FILE 0x08

static struct rs_ctf_writer writer;
static struct rs_ctf_reader reader;
static struct rs_error error;

static uint64_t sequence_of(unsigned stream, unsigned i)
{
    return stream == 1 && i >= EVENTS / 2 ? i + LOST : i;
}

/* Streams differ in speed: no stream may be read behind another. */
static uint64_t tsc_of(unsigned stream, unsigned i)
{
    return FAKE_TRACE_TSC + stream * 17 + (uint64_t)i * (1000 + stream * 333);
}

static void write_streams(void)
{
    fake_trace_open(&writer, STREAMS);
    for (unsigned i = 0; i < EVENTS; i++) {
        for (unsigned stream = 0; stream < STREAMS; stream++) {
            struct rs_event event = {.kind = RS_EVENT_SYSCALL,
                                     .code = KEY_WRITE_FILE,
                                     .vcpu = (uint8_t)stream,
                                     .sequence = sequence_of(stream, i),
                                     .tsc_exit = tsc_of(stream, i)};

            ck_assert(rs_ctf_write(&writer, &event));
        }
    }
    ck_assert_int_eq(rs_ctf_close(&writer, &error), 0);
}

/* Each stream's events come in its order, and all of them in that of time. */
static int read_all(unsigned counts[STREAMS])
{
    uint64_t before = 0;
    struct rs_event event;
    int result;

    memset(counts, 0, STREAMS * sizeof(counts[0]));
    ck_assert_int_eq(rs_ctf_reader_open(&reader, fake_trace_path, &error), 0);
    while ((result = rs_ctf_reader_next(&reader, &event, &error)) > 0) {
        ck_assert_uint_lt(event.vcpu, STREAMS);
        ck_assert_uint_ge(event.tsc_exit, before);
        before = event.tsc_exit;
        counts[event.vcpu]++;
    }
    return result;
}

/* Of two vCPUs either may be ahead of the other by any number of events. */
START_TEST(returns_name_entries_of_other_streams)
{
    static const struct {
        uint64_t sequence, entry;
    } rows[] = {{0, 0},    {1, 8},         {2, 1000},
                {1000, 1}, {INT32_MAX, 0}, {UINT64_C(1) << 33, (UINT64_C(1) << 33) + INT32_MAX}};
    struct rs_event event;

    fake_trace_open(&writer, 2);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        event = (struct rs_event){.kind = RS_EVENT_SYSRET,
                                  .vcpu = 1,
                                  .sequence = rows[i].sequence,
                                  .entry_sequence = rows[i].entry,
                                  .tsc_exit = FAKE_TRACE_TSC + i * 100,
                                  .entry_tsc = FAKE_TRACE_TSC};
        ck_assert(rs_ctf_write(&writer, &event));
    }
    ck_assert_int_eq(rs_ctf_close(&writer, &error), 0);
    ck_assert_int_eq(rs_ctf_reader_open(&reader, fake_trace_path, &error), 0);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        ck_assert_int_eq(rs_ctf_reader_next(&reader, &event, &error), 1);
        ck_assert_uint_eq(event.entry_vcpu, 0);
        ck_assert_uint_eq(event.entry_sequence, rows[i].entry);
    }
    rs_ctf_reader_close(&reader);
}
END_TEST

START_TEST(streams_are_merged_by_time)
{
    unsigned counts[STREAMS];

    write_streams();
    ck_assert_int_eq(read_all(counts), 0);
    for (unsigned stream = 0; stream < STREAMS; stream++)
        ck_assert_uint_eq(counts[stream], EVENTS);
    ck_assert_uint_eq(reader.events, STREAMS * EVENTS);
    ck_assert_uint_eq(reader.discarded, LOST);
    rs_ctf_reader_close(&reader);
}
END_TEST

START_TEST(a_cut_stream_does_not_end_the_others)
{
    unsigned counts[STREAMS];
    int fd;

    write_streams();
    fd = fake_trace_file("stream_1", O_RDWR);
    ck_assert_int_eq(ftruncate(fd, 2 * RS_CTF_PACKET_SIZE + 100), 0);
    close(fd);
    ck_assert_int_eq(read_all(counts), -1);
    ck_assert_uint_eq(counts[0], EVENTS);
    ck_assert_uint_eq(counts[2], EVENTS);
    ck_assert_uint_gt(counts[1], 0);
    ck_assert_uint_lt(counts[1], EVENTS);
    ck_assert_ptr_nonnull(strstr(error.message, "stream_1', packet 2: it is cut short"));
    rs_ctf_reader_close(&reader);
}
END_TEST

/* The head of packet 1 and a kind in packet 2: what is behind them is still read. */
START_TEST(packets_that_are_not_sound_are_passed_over)
{
    unsigned counts[STREAMS];
    uint8_t wrong = 0xfe;
    int fd;

    write_streams();
    fd = fake_trace_file("stream_2", O_RDWR);
    ck_assert_int_eq(pwrite(fd, &wrong, 1, RS_CTF_PACKET_SIZE), 1);
    ck_assert_int_eq(
        pwrite(fd, &wrong, 1, 2 * RS_CTF_PACKET_SIZE + (off_t)sizeof(struct rs_ctf_packet_head)),
        1);
    close(fd);
    ck_assert_int_eq(read_all(counts), -1);
    ck_assert_uint_eq(counts[0], EVENTS);
    ck_assert_uint_gt(counts[2], EVENTS / 2);
    ck_assert_uint_lt(counts[2], EVENTS);
    ck_assert_uint_eq(reader.faults.count, 2);
    ck_assert_ptr_nonnull(strstr(error.message, "stream_2', packet 1: "));
    ck_assert_ptr_nonnull(strstr(error.message, "1 more packet"));
    rs_ctf_reader_close(&reader);
}
END_TEST

START_TEST(any_sequence_number_is_found)
{
    write_streams();
    ck_assert_int_eq(rs_ctf_reader_open(&reader, fake_trace_path, &error), 0);
    for (unsigned stream = 0; stream < STREAMS; stream++) {
        struct rs_ctf_source *source = &reader.sources[stream];

        for (unsigned i = 0; i < EVENTS; i += 97) {
            rs_ctf_source_seek(&reader, source, sequence_of(stream, i));
            ck_assert(source->ready);
            ck_assert_uint_eq(source->event.sequence, sequence_of(stream, i));
            ck_assert_uint_eq(source->event.tsc_exit, tsc_of(stream, i));
        }
        rs_ctf_source_seek(&reader, source, 2 * EVENTS);
        ck_assert(!source->ready);
    }
    rs_ctf_source_seek(&reader, &reader.sources[1], EVENTS / 2); /* was lost */
    ck_assert_uint_eq(reader.sources[1].event.sequence, EVENTS / 2 + LOST);
    rs_ctf_reader_close(&reader);
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
    write_streams();
    ck_assert_int_eq(rs_ctf_reader_open(&reader, fake_trace_path, &error), 0);
    ck_assert_int_eq(unlinkat(reader.directory, "stream_1", 0), 0);
    ck_assert_int_eq(mkfifoat(reader.directory, "stream_1", 0600), 0);
    rs_ctf_reader_close(&reader);
    ck_assert_int_eq(rs_ctf_reader_open(&reader, fake_trace_path, &error), -1);
    ck_assert_ptr_nonnull(strstr(error.message, "not a regular file"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ctf_streams");
    TCase *files = tcase_create("streams");

    tcase_add_checked_fixture(files, fake_trace_setup, fake_trace_teardown);
    tcase_add_test(files, returns_name_entries_of_other_streams);
    tcase_add_test(files, streams_are_merged_by_time);
    tcase_add_test(files, a_cut_stream_does_not_end_the_others);
    tcase_add_test(files, packets_that_are_not_sound_are_passed_over);
    tcase_add_test(files, any_sequence_number_is_found);
    tcase_add_test(files, what_is_no_file_is_refused);
    suite_add_tcase(suite, files);
    return unit_run(suite);
}
