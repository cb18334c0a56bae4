/* SPDX-License-Identifier: MIT
 * Traces in rotation: at every moment within their size, sound, and complete from their oldest
 * event to their newest. */
#include "fake_trace.h"
#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE RS_CTF_RING_MIN /* of one vCPU */
#define EVENTS 30000u        /* several times what fits */
#define LOOK 997u            /* events between two looks at the trace */

static struct rs_ctf_writer writer;
static struct rs_ctf_reader reader;
static struct rs_error error;

static void put(unsigned vcpu, uint64_t sequence)
{
    struct rs_event event = {.kind = RS_EVENT_SYSCALL,
                             .vcpu = (uint8_t)vcpu,
                             .sequence = sequence,
                             .tsc_exit = FAKE_TRACE_TSC + sequence * 1000};

    ck_assert(rs_ctf_write(&writer, &event));
}

static uint64_t disk_use(void)
{
    DIR *directory = opendir(fake_trace_path);
    struct dirent *entry;
    struct stat status;
    uint64_t bytes = 0;

    ck_assert_ptr_nonnull(directory);
    while ((entry = readdir(directory)))
        if (fstatat(dirfd(directory), entry->d_name, &status, 0) == 0 && S_ISREG(status.st_mode))
            bytes += (uint64_t)status.st_size;
    closedir(directory);
    return bytes;
}

/* What a reader has of the stream: from *first on without a gap of its own. */
struct seen {
    uint64_t first[2], next[2], count[2];
    int result;
};

static struct seen look(void)
{
    struct seen seen = {.first = {UINT64_MAX, UINT64_MAX}};
    struct rs_event event;
    uint64_t before = 0;

    ck_assert_int_eq(rs_ctf_reader_open(&reader, fake_trace_path, &error), 0);
    while ((seen.result = rs_ctf_reader_next(&reader, &event, &error)) > 0) {
        ck_assert_uint_lt(event.vcpu, 2);
        ck_assert_uint_ge(event.tsc_exit, before);
        before = event.tsc_exit;
        if (seen.first[event.vcpu] == UINT64_MAX)
            seen.first[event.vcpu] = event.sequence;
        else
            ck_assert_uint_ge(event.sequence, seen.next[event.vcpu]);
        seen.next[event.vcpu] = event.sequence + 1;
        seen.count[event.vcpu]++;
    }
    return seen;
}

START_TEST(the_streams_share_what_the_metadata_leaves)
{
    ck_assert_uint_eq(rs_ctf_ring_limit(0, 3), UINT64_MAX);
    for (unsigned cpus = 1; cpus <= RS_CTF_STREAMS_MAX; cpus++) {
        uint64_t limit = rs_ctf_ring_limit(cpus * RS_CTF_RING_MIN, cpus);

        ck_assert_uint_ge(limit, RS_CTF_PACKET_SIZE);
        ck_assert_uint_eq(limit % RS_CTF_PACKET_SIZE, 0);
        ck_assert_uint_le(limit * cpus * RS_CTF_RING_FILES + RS_CTF_RING_METADATA,
                          cpus * RS_CTF_RING_MIN);
    }
}
END_TEST

/* A killed ringscope leaves what is on disk at that moment: each look is one. */
START_TEST(at_every_moment_the_newest_events_are_there)
{
    uint64_t most = 0, least = UINT64_MAX;

    fake_trace_open_ring(&writer, 1, SIZE);
    for (unsigned i = 0; i < EVENTS; i++) {
        put(0, i);
        ck_assert_uint_le(disk_use(), SIZE);
        if (i % LOOK == 0) {
            struct seen seen;

            ck_assert(rs_ctf_flush(&writer));
            seen = look();
            ck_assert_int_eq(seen.result, 0);
            ck_assert_uint_eq(seen.next[0], i + 1);
            ck_assert_uint_eq(seen.count[0], i + 1 - seen.first[0]);
            ck_assert_uint_eq(reader.overwritten, seen.first[0]);
            ck_assert_uint_eq(writer.overwritten, seen.first[0]);
            ck_assert_uint_eq(reader.discarded, 0);
            ck_assert_uint_eq(writer.bytes, disk_use());
            rs_ctf_reader_close(&reader);
            if (writer.overwritten && seen.count[0] > most)
                most = seen.count[0];
            if (writer.overwritten && seen.count[0] < least)
                least = seen.count[0];
        }
    }
    /* Seven files of eight at least; flushes leave packets that are not full. */
    ck_assert_uint_gt(least, most / 2);
    ck_assert_uint_gt(writer.overwritten, EVENTS / 2);
    ck_assert_int_eq(rs_ctf_close(&writer, &error), 0);
}
END_TEST

START_TEST(a_quiet_vcpu_keeps_what_it_has)
{
    struct seen seen;

    fake_trace_open_ring(&writer, 2, 2 * SIZE);
    for (unsigned i = 0; i < EVENTS; i++) {
        put(0, i);
        if (i % 1000 == 0)
            put(1, i / 1000);
    }
    ck_assert_int_eq(rs_ctf_close(&writer, &error), 0);
    ck_assert_uint_le(disk_use(), 2 * SIZE);
    seen = look();
    ck_assert_int_eq(seen.result, 0);
    ck_assert_uint_eq(seen.first[1], 0);
    ck_assert_uint_eq(seen.count[1], EVENTS / 1000);
    ck_assert_uint_gt(seen.first[0], 0);
    ck_assert_uint_eq(seen.next[0], EVENTS);
    ck_assert_uint_eq(reader.overwritten, seen.first[0]);
    rs_ctf_reader_close(&reader);
}
END_TEST

/* Events that never came, and events that gave way: nobody counts one as the other. */
START_TEST(every_event_is_accounted_for)
{
    const uint64_t lost = 5;
    struct seen seen;

    fake_trace_open_ring(&writer, 1, SIZE);
    for (unsigned i = 0; i < EVENTS; i++)
        put(0, i + i / 1000 * lost);
    ck_assert_uint_eq(rs_ctf_discarded(&writer), (EVENTS / 1000 - 1) * lost);
    ck_assert_int_eq(rs_ctf_close(&writer, &error), 0);
    seen = look();
    ck_assert_int_eq(seen.result, 0);
    ck_assert_uint_eq(reader.discarded, (EVENTS / 1000 - 1) * lost);
    ck_assert_uint_eq(reader.overwritten, writer.overwritten);
    ck_assert_uint_eq(reader.overwritten + seen.count[0], EVENTS);
    rs_ctf_reader_close(&reader);
}
END_TEST

/* An event in the middle, by its number. */
START_TEST(any_event_is_found)
{
    fake_trace_open_ring(&writer, 1, SIZE);
    for (unsigned i = 0; i < EVENTS; i++)
        put(0, i);
    ck_assert_int_eq(rs_ctf_close(&writer, &error), 0);
    ck_assert_int_eq(rs_ctf_reader_open(&reader, fake_trace_path, &error), 0);
    for (uint64_t i = writer.overwritten; i < EVENTS; i += 501) {
        rs_ctf_source_seek(&reader, &reader.sources[0], i);
        ck_assert(reader.sources[0].ready);
        ck_assert_uint_eq(reader.sources[0].event.sequence, i);
    }
    rs_ctf_reader_close(&reader);
}
END_TEST

START_TEST(a_damaged_file_is_told_and_the_others_are_read)
{
    struct seen seen;
    int fd;

    fake_trace_open_ring(&writer, 1, SIZE);
    for (unsigned i = 0; i < EVENTS; i++)
        put(0, i);
    ck_assert_int_eq(rs_ctf_close(&writer, &error), 0);
    fd = fake_trace_file("stream_0_3", O_WRONLY);
    ck_assert_int_eq(ftruncate(fd, RS_CTF_PACKET_SIZE + 100), 0);
    close(fd);
    seen = look();
    ck_assert_int_lt(seen.result, 0);
    ck_assert_ptr_nonnull(strstr(error.message, "stream_0"));
    ck_assert_uint_gt(seen.count[0], 100);
    rs_ctf_reader_close(&reader);
    close(fake_trace_file("stream_0_3", O_WRONLY | O_TRUNC)); /* as it is while the ring turns */
    seen = look();
    ck_assert_int_eq(seen.result, 0);
    rs_ctf_reader_close(&reader);
}
END_TEST

/* A reader that is slower than the ring turns finds what is no packet any more, and says so. */
START_TEST(what_gives_way_while_it_is_read_is_told)
{
    struct rs_event event;
    int result;

    fake_trace_open_ring(&writer, 1, SIZE);
    for (unsigned i = 0; i < EVENTS; i++)
        put(0, i);
    ck_assert_int_eq(rs_ctf_reader_open(&reader, fake_trace_path, &error), 0);
    for (unsigned i = EVENTS; i < EVENTS + EVENTS / 40; i++)
        put(0, i);
    while ((result = rs_ctf_reader_next(&reader, &event, &error)) > 0)
        ;
    ck_assert_int_lt(result, 0);
    ck_assert_int_eq(error.exit_code, RS_EXIT_IMAGE);
    rs_ctf_reader_close(&reader);
    ck_assert_int_eq(rs_ctf_close(&writer, &error), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ctf_ring");
    TCase *cases = tcase_create("ring");

    tcase_add_checked_fixture(cases, fake_trace_setup, fake_trace_teardown);
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, the_streams_share_what_the_metadata_leaves);
    tcase_add_test(cases, at_every_moment_the_newest_events_are_there);
    tcase_add_test(cases, a_quiet_vcpu_keeps_what_it_has);
    tcase_add_test(cases, every_event_is_accounted_for);
    tcase_add_test(cases, any_event_is_found);
    tcase_add_test(cases, a_damaged_file_is_told_and_the_others_are_read);
    tcase_add_test(cases, what_gives_way_while_it_is_read_is_told);
    suite_add_tcase(suite, cases);
    return unit_run(suite);
}
