/* SPDX-License-Identifier: MIT
 * What ringscope writes is what babeltrace2 reads: times after long pauses, two vCPUs, lost events.
 */
#include "trace/ctf/writer.h"
#include "unit.h"

#include <unistd.h>

#define NS_PER_S UINT64_C(1000000000)
#define TSC_HZ 1000000000
#define WALL_S 1000
#define LOST 3

static const struct {
    uint64_t pause; /* ticks since the row before */
    uint8_t vcpu;
    bool lost; /* LOST events of this vCPU before it */
} rows[] = {
    {5, 0, false},
    {0, 1, false},
    {1, 0, false},
    {UINT32_MAX, 1, false},
    {(uint64_t)UINT32_MAX + 1, 0, false},
    {UINT64_C(1) << 40, 1, true},
    {UINT32_MAX - 1, 0, true},
    {3, 1, false},
};

static char directory[64], command[256];

static void write_trace(void)
{
    struct rs_ctf_environment environment = {.kernel = "\"\\", .command_line = "line\n\xff"};
    struct rs_clock clock = {.tsc_hz = TSC_HZ, .wall = {.tv_sec = WALL_S}};
    struct rs_event event = {0};
    struct rs_ctf_writer writer;
    uint64_t sequences[2] = {0};
    struct rs_error error;

    ck_assert_int_eq(rs_ctf_open(&writer, directory, 2, &clock, &environment, &error), 0);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        event.kind = (uint16_t)i;
        event.vcpu = rows[i].vcpu;
        event.tsc_exit += rows[i].pause;
        event.tsc_resume = event.tsc_exit;
        sequences[rows[i].vcpu] += rows[i].lost ? LOST : 0;
        event.sequence = sequences[rows[i].vcpu]++;
        ck_assert(rs_ctf_write(&writer, &event));
    }
    ck_assert_int_eq(rs_ctf_close(&writer, &error), 0);
}

/* A line of its text: "[1000.000000005] (...) SYSCALL: { first_sequence = 0, cpu_id = 0 }, ...". */
static void check_line(const char *line, size_t row, uint64_t tsc)
{
    static const char *const names[] = {
#define X(kind, group, direction, text) text,
        RS_EVENT_KINDS(X)
#undef X
    };
    char expected[64];

    snprintf(expected, sizeof(expected), "[%" PRIu64 ".%09" PRIu64 "] ", WALL_S + tsc / NS_PER_S,
             tsc % NS_PER_S);
    ck_assert_msg(strncmp(line, expected, strlen(expected)) == 0, "%s: expected %s", line,
                  expected);
    snprintf(expected, sizeof(expected), ") %s: {", names[row]);
    ck_assert_ptr_nonnull(strstr(line, expected));
    snprintf(expected, sizeof(expected), "cpu_id = %u ", rows[row].vcpu);
    ck_assert_ptr_nonnull(strstr(line, expected));
}

/* Runs babeltrace2 with one of its outputs kept. */
static FILE *babeltrace(const char *redirection)
{
    FILE *pipe;

    snprintf(command, sizeof(command), "babeltrace2 --clock-seconds %s %s", directory, redirection);
    pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    return pipe;
}

static void setup(void)
{
    snprintf(directory, sizeof(directory), "/tmp/ringscope-ctf-%d", (int)getpid());
    write_trace();
}

static void teardown(void)
{
    snprintf(command, sizeof(command), "rm -r %s", directory);
    ck_assert_int_eq(system(command), 0);
}

START_TEST(events_are_those_written)
{
    FILE *pipe = babeltrace("2>/dev/null");
    char line[1024];
    uint64_t tsc = 0;
    size_t row = 0;

    while (fgets(line, sizeof(line), pipe)) {
        ck_assert_uint_lt(row, ARRAY_SIZE(rows));
        tsc += rows[row].pause;
        check_line(line, row++, tsc);
    }
    ck_assert_int_eq(pclose(pipe), 0);
    ck_assert_uint_eq(row, ARRAY_SIZE(rows));
}
END_TEST

START_TEST(nothing_is_wrong_but_what_was_lost)
{
    FILE *pipe = babeltrace("2>&1 >/dev/null");
    unsigned warnings = 0;
    char line[1024];

    while (fgets(line, sizeof(line), pipe)) {
        ck_assert_ptr_nonnull(strstr(line, "Tracer discarded 3 events"));
        warnings++;
    }
    ck_assert_int_eq(pclose(pipe), 0);
    ck_assert_uint_eq(warnings, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ctf_babeltrace");
    TCase *group;

    if (system("babeltrace2 --version >/dev/null 2>&1") != 0) {
        printf("babeltrace2 is not installed\n");
        return 77; /* meson: skipped */
    }
    group = tcase_create("babeltrace2");
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_test(group, events_are_those_written);
    tcase_add_test(group, nothing_is_wrong_but_what_was_lost);
    suite_add_tcase(suite, group);
    return unit_run(suite);
}
