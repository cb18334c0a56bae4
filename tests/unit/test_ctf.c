/* SPDX-License-Identifier: MIT
 * CTF traces: what is written is what is read, and files that are not sound are refused. */
#include "fake_trace.h"
#include "nt/services.h"
#include "unit.h"

#include <fcntl.h>
#include <ringscope/x86/vectors.h>
#include <sys/stat.h>
#include <unistd.h>

#define TSC_START FAKE_TRACE_TSC
#define NT_CLOSE 0x0f
#define NT_WRITE_FILE 0x08

static struct rs_ctf_writer writer;
static struct rs_ctf_reader reader;
static struct rs_error error;

static void write_trace(const struct rs_event *events, size_t count)
{
    fake_trace_open(&writer, 1);
    for (size_t i = 0; i < count; i++)
        ck_assert(rs_ctf_write(&writer, &events[i]));
    ck_assert_int_eq(rs_ctf_close(&writer, &error), 0);
}

/* The kinds with every field that they keep. */
static const struct rs_event kinds[RS_EVENT_KIND_COUNT] = {
#define FROM .from_cs = 0x33, .from_cpl = 3, .from_rip = 0x140001000, .from_rflags = 0x246
#define GATE                                                                                       \
    .gate_type = 0xe, .ist = 3, .from_rsp = 0x7ff00000, .from_ss = 0x2b,                           \
    .to_rsp = UINT64_MAX - 0xfff
#define ENTRY                                                                                      \
    .entry_code = NT_CLOSE, .entry_sequence = 0, .entry_tsc = TSC_START + 77, .to_rip = 0x1234,    \
    .to_rflags = 0x10202, .to_cs = 0x33, .to_cpl = 3
    {.kind = RS_EVENT_SYSCALL,
     .code = NT_WRITE_FILE,
     FROM,
     .flags = RS_EVENT_REPAIRED | RS_EVENT_ARGS_PARTIAL,
     .deviations = RS_DEVIATION_SYSCALL_CPL,
     .args = {1, 2, UINT64_MAX, 4, 5, 6, UINT64_C(1) << 32, 8, UINT32_MAX}},
    {.kind = RS_EVENT_SYSRET,
     .code = 0xc0000008,
     .entry_kind = RS_EVENT_INT_N,
     .vector = 0x2e,
     ENTRY},
    {.kind = RS_EVENT_INT_N, .vector = 0x2e, .code = NT_CLOSE, FROM, GATE},
    {.kind = RS_EVENT_EXCEPTION,
     .vector = RS_VECTOR_PF,
     .flags = RS_EVENT_HAS_ERROR_CODE,
     .error_code = 6,
     .cr2 = 0xfffff80000000000,
     FROM,
     GATE},
    {.kind = RS_EVENT_NMI, .vector = 2, FROM, GATE},
    {.kind = RS_EVENT_INTERRUPT, .vector = 0xd1, .depth = 63, FROM, GATE},
    {.kind = RS_EVENT_IRET,
     .entry_kind = RS_EVENT_EXCEPTION,
     .vector = 14,
     .to_ss = 0x2b,
     .to_rsp = 77,
     ENTRY},
    {.kind = RS_EVENT_WRMSR, .code = 0xc0000082, .value = 0xfffff80140000180, FROM},
    {.kind = RS_EVENT_RDMSR,
     .code = 1,
     .value = UINT64_MAX,
     .deviations = RS_DEVIATION_MSR_VALUE,
     FROM},
    {.kind = RS_EVENT_CR3, .cr3 = 0x1000, .value = 0x2000},
    {.kind = RS_EVENT_STATE,
     .star = 1,
     .lstar = 2,
     .cstar = 3,
     .fmask = 4,
     .efer = 5,
     .cr0 = 6,
     .cr4 = 7,
     .gdt_base = 8,
     .idt_base = 9,
     .tr_base = 10,
     .gdt_limit = 11,
     .idt_limit = 12,
     .tr_limit = 13,
     .tr_selector = 14},
    {.kind = RS_EVENT_MEMORY,
     .purpose = RS_PURPOSE_RESULT,
     .index = 3,
     .value = 0x1234,
     .data_size = RS_EVENT_DATA_MAX,
     .data = {1, 2, 3, [RS_EVENT_DATA_MAX - 1] = 4}},
    {.kind = RS_EVENT_CONSOLE, .data_size = 0},
    {.kind = RS_EVENT_EXIT, .code = 0xf4, .value = 0x55},
    {.kind = RS_EVENT_START, .value = 29000},
    {.kind = RS_EVENT_STOP, .code = RS_STOP_PROGRAM, .value = 0xc0000005},
    {.kind = RS_EVENT_ARM},
    {.kind = RS_EVENT_DISARM},
    {.kind = RS_EVENT_REPAIR,
     .code = RS_DEVIATION_BIT_CS,
     .entry_kind = RS_EVENT_SYSCALL,
     .expected = 0x10,
     .actual = 0x33},
    {.kind = RS_EVENT_DEVIATION,
     .code = RS_DEVIATION_BIT_INT_N_UD,
     .entry_kind = RS_EVENT_INT_N,
     .vector = 0x2e,
     .expected = 0x2e,
     .actual = 6},
    {.kind = RS_EVENT_LOST, .value = 7},
};

START_TEST(each_kind_comes_back)
{
    struct rs_event expected = kinds[_i], actual, first = {.kind = RS_EVENT_WRMSR};
    struct rs_event events[2];

    first.tsc_exit = first.tsc_resume = TSC_START;
    expected.sequence = 1;
    expected.tsc_exit = TSC_START + 1000;
    expected.tsc_resume = expected.tsc_exit + 999;
    ck_assert_uint_eq(expected.kind, _i);
    events[0] = first;
    events[1] = expected;
    write_trace(events, 2);
    ck_assert_int_eq(rs_ctf_reader_open(&reader, fake_trace_path, &error), 0);
    ck_assert_int_eq(rs_ctf_reader_next(&reader, &actual, &error), 1);
    ck_assert_mem_eq(&actual, &first, sizeof(first));
    ck_assert_int_eq(rs_ctf_reader_next(&reader, &actual, &error), 1);
    if (rs_event_direction(expected.kind) != RS_DIRECTION_RETURN)
        actual.entry_sequence = actual.entry_tsc = 0;
    ck_assert_mem_eq(&actual, &expected, sizeof(expected));
    ck_assert_int_eq(rs_ctf_reader_next(&reader, &actual, &error), 0);
    ck_assert(reader.emulated);
    ck_assert_uint_eq(reader.clock.tsc_hz, FAKE_TRACE_TSC_HZ);
    rs_ctf_reader_close(&reader);
}
END_TEST

/* Time stamps are 32 bits wide unless more has passed. */
START_TEST(long_pauses_keep_their_time)
{
    static const uint64_t pauses[] = {0, 1, UINT32_MAX, (uint64_t)UINT32_MAX + 1,
                                      UINT64_C(1) << 40};
    struct rs_event events[ARRAY_SIZE(pauses)], actual;
    uint64_t tsc = TSC_START;

    for (size_t i = 0; i < ARRAY_SIZE(pauses); i++) {
        events[i] = (struct rs_event){.kind = RS_EVENT_RDMSR, .sequence = i};
        events[i].tsc_exit = tsc += pauses[i];
        events[i].tsc_resume = tsc + UINT64_C(0x1000000ff);
    }
    write_trace(events, ARRAY_SIZE(events));
    ck_assert_int_eq(rs_ctf_reader_open(&reader, fake_trace_path, &error), 0);
    for (size_t i = 0; i < ARRAY_SIZE(pauses); i++) {
        ck_assert_int_eq(rs_ctf_reader_next(&reader, &actual, &error), 1);
        ck_assert_uint_eq(actual.tsc_exit, events[i].tsc_exit);
        ck_assert_uint_eq(actual.tsc_resume, actual.tsc_exit + UINT32_MAX);
    }
    rs_ctf_reader_close(&reader);
}
END_TEST

#define MANY 10000

START_TEST(packets_are_pages_and_gaps_are_counted)
{
    struct rs_event event = {.kind = RS_EVENT_SYSCALL, .code = NT_CLOSE};
    uint64_t expected = 0;
    int result;

    fake_trace_open(&writer, 1);
    for (unsigned i = 0; i < MANY; i++) {
        event.tsc_exit = TSC_START + i * 1000;
        event.sequence = i < MANY / 2 ? i : i + 7;
        ck_assert(rs_ctf_write(&writer, &event));
        if (i == MANY / 4)
            ck_assert(rs_ctf_flush(&writer));
        ck_assert_uint_eq(writer.streams[0].ring.bytes[0] % RS_CTF_PACKET_SIZE, 0);
    }
    ck_assert_uint_eq(rs_ctf_discarded(&writer), 7);
    ck_assert_int_eq(rs_ctf_close(&writer, &error), 0);
    ck_assert_uint_eq(writer.events, MANY);
    ck_assert_int_eq(rs_ctf_reader_open(&reader, fake_trace_path, &error), 0);
    while ((result = rs_ctf_reader_next(&reader, &event, &error)) > 0) {
        ck_assert_uint_eq(event.sequence, expected < MANY / 2 ? expected : expected + 7);
        expected++;
    }
    ck_assert_int_eq(result, 0);
    ck_assert_uint_eq(expected, MANY);
    ck_assert_uint_eq(reader.discarded, 7);
    rs_ctf_reader_close(&reader);
}
END_TEST

/* The result of the last rs_ctf_reader_next(), or of opening. */
static int read_all(unsigned *count)
{
    struct rs_event event;
    int result;

    *count = 0;
    result = rs_ctf_reader_open(&reader, fake_trace_path, &error);
    while (result == 0 && (result = rs_ctf_reader_next(&reader, &event, &error)) > 0) {
        ++*count;
        result = 0;
    }
    rs_ctf_reader_close(&reader);
    return result;
}

static void write_kinds(void)
{
    struct rs_event events[RS_EVENT_KIND_COUNT * 20];

    for (unsigned i = 0; i < ARRAY_SIZE(events); i++) {
        events[i] = kinds[i % RS_EVENT_KIND_COUNT];
        events[i].sequence = i;
        events[i].tsc_exit = TSC_START + i * 1000;
    }
    write_trace(events, ARRAY_SIZE(events));
}

/* Cut anywhere, a trace reads up to its last whole packet. */
START_TEST(cut_streams_read_as_far_as_they_go)
{
    unsigned all, count, packets_end = 0;
    struct stat status;
    int fd;

    write_kinds();
    ck_assert_int_eq(read_all(&all), 0);
    ck_assert_uint_eq(all, RS_EVENT_KIND_COUNT * 20);
    fd = fake_trace_file("stream_0", O_RDWR);
    ck_assert_int_eq(fstat(fd, &status), 0);
    for (off_t size = status.st_size - 1; size >= 0; size -= 37) {
        int result;

        ck_assert_int_eq(ftruncate(fd, size), 0);
        result = read_all(&count);
        packets_end = size % RS_CTF_PACKET_SIZE == 0;
        ck_assert_int_eq(result, packets_end ? 0 : -1);
        ck_assert_uint_lt(count, all);
        if (result < 0) {
            ck_assert_int_eq(error.exit_code, RS_EXIT_IMAGE);
            ck_assert_ptr_nonnull(strstr(error.message, "cut short"));
        }
    }
    close(fd);
}
END_TEST

START_TEST(changed_bytes_never_harm)
{
    unsigned all, count;
    uint8_t byte;
    int fd;

    write_kinds();
    ck_assert_int_eq(read_all(&all), 0);
    fd = fake_trace_file("stream_0", O_RDWR);
    for (off_t at = 0; at < RS_CTF_PACKET_SIZE; at++) {
        uint8_t wrong = (uint8_t)(at % 2 ? 0xff : 0x80);

        ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
        wrong ^= byte;
        ck_assert_int_eq(pwrite(fd, &wrong, 1, at), 1);
        if (read_all(&count) < 0)
            ck_assert_int_eq(error.exit_code, RS_EXIT_IMAGE);
        else if (at < 24) /* magic, uuid, stream: each byte counts */
            ck_abort_msg("byte %d of the head is not checked", (int)at);
        ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
    }
    close(fd);
}
END_TEST

START_TEST(other_metadata_is_refused)
{
    unsigned count;
    int fd;

    write_kinds();
    fd = fake_trace_file("metadata", O_WRONLY | O_APPEND);
    ck_assert_int_eq(write(fd, "\n", 1), 1);
    close(fd);
    ck_assert_int_lt(read_all(&count), 0);
    ck_assert_ptr_nonnull(strstr(error.message, "another version"));
    close(fake_trace_file("metadata", O_WRONLY | O_TRUNC));
    ck_assert_int_lt(read_all(&count), 0);
    ck_assert_ptr_nonnull(strstr(error.message, "empty"));
}
END_TEST

/* At any byte behind the signature: it says what it is. */
START_TEST(cut_metadata_is_told)
{
    struct stat status;
    unsigned count;
    int fd;

    write_kinds();
    fd = fake_trace_file("metadata", O_RDWR);
    ck_assert_int_eq(fstat(fd, &status), 0);
    for (off_t size = status.st_size - 1; size >= (off_t)sizeof(RS_CTF_SIGNATURE);
         size -= size > 300 ? 211 : 7) {
        ck_assert_int_eq(ftruncate(fd, size), 0);
        ck_assert_int_lt(read_all(&count), 0);
        ck_assert_int_eq(error.exit_code, RS_EXIT_IMAGE);
        ck_assert_msg(strstr(error.message, "ends too early") != NULL, "%ld bytes: %s", (long)size,
                      error.message);
    }
    close(fd);
}
END_TEST

START_TEST(old_traces_are_put_aside_and_nothing_else)
{
    struct rs_ctf_environment environment = {.kernel = "k", .command_line = ""};
    struct rs_clock clock = {.tsc_hz = 1};
    struct stat status;

    write_kinds();
    write_kinds();
    write_kinds();
    ck_assert_int_eq(stat(fake_trace_old, &status), 0);
    close(fake_trace_file("precious", O_WRONLY | O_CREAT));
    ck_assert_int_lt(rs_ctf_open(&writer, fake_trace_path, 1, &clock, &environment, &error), 0);
    ck_assert_int_eq(error.exit_code, RS_EXIT_OUTPUT);
    close(fake_trace_file("precious", O_RDONLY));
    close(fake_trace_file("stream_0", O_RDONLY));
    ck_assert_int_lt(rs_ctf_open(&writer, "/dev/null", 1, &clock, &environment, &error), 0);
    ck_assert_int_lt(rs_ctf_open(&writer, "/nowhere/at/all", 1, &clock, &environment, &error), 0);
    ck_assert_int_eq(error.exit_code, RS_EXIT_OUTPUT);
}
END_TEST

/* /dev/full refuses every write; a file that had a packet keeps it. */
START_TEST(full_disks_end_the_trace)
{
    struct rs_event event = kinds[0];
    int full = open("/dev/full", O_WRONLY), own;

    fake_trace_open(&writer, 1);
    own = writer.streams[0].ring.fds[0];
    ck_assert(rs_ctf_write(&writer, &event));
    writer.streams[0].ring.fds[0] = full;
    ck_assert(!rs_ctf_flush(&writer));
    ck_assert(!rs_ctf_write(&writer, &event));
    close(own);
    ck_assert_int_lt(rs_ctf_close(&writer, &error), 0);
    ck_assert_int_eq(error.exit_code, RS_EXIT_OUTPUT);
    ck_assert_ptr_nonnull(strstr(error.message, "No space left"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ctf");
    TCase *rows = tcase_create("each_kind_comes_back"), *rest = tcase_create("files");

    tcase_add_checked_fixture(rows, fake_trace_setup, fake_trace_teardown);
    tcase_add_loop_test(rows, each_kind_comes_back, 0, RS_EVENT_KIND_COUNT);
    suite_add_tcase(suite, rows);
    tcase_add_checked_fixture(rest, fake_trace_setup, fake_trace_teardown);
    tcase_set_timeout(rest, 60);
    tcase_add_test(rest, long_pauses_keep_their_time);
    tcase_add_test(rest, packets_are_pages_and_gaps_are_counted);
    tcase_add_test(rest, cut_streams_read_as_far_as_they_go);
    tcase_add_test(rest, changed_bytes_never_harm);
    tcase_add_test(rest, other_metadata_is_refused);
    tcase_add_test(rest, cut_metadata_is_told);
    tcase_add_test(rest, old_traces_are_put_aside_and_nothing_else);
    tcase_add_test(rest, full_disks_end_the_trace);
    suite_add_tcase(suite, rest);
    return unit_run(suite);
}
