/* SPDX-License-Identifier: MIT
 * Trace lines, counts and names of fabricated events. */
#include "nt/services.h"
#include "trace/counts.h"
#include "trace/text.h"
#include "unit.h"

#include <ringscope/nt/status.h>
#include <ringscope/x86/msr.h>
#include <ringscope/x86/vectors.h>

#define TSC_HZ 1000000000 /* a tick is a nanosecond */

static char *line_of(const struct rs_event *event, bool durations, bool relative)
{
    struct rs_text text = {.durations = durations, .relative = relative};
    char *line = NULL;
    size_t size;

    text.clock = (struct rs_clock){.tsc_hz = TSC_HZ};
    text.previous_tsc = event->tsc_exit > 1500 ? event->tsc_exit - 1500 : 0;
    text.file = open_memstream(&line, &size);
    rs_text_event(&text, event);
    fclose(text.file);
    return line;
}

// clang-format off
static const struct {
    const char *line;
    struct rs_event event;
} rows[] = {
    {"SYSCALL NtClose(0x4)\n",
     {.kind = RS_EVENT_SYSCALL, .code = 0x0f, .args = {4}}},
    {"SYSCALL NtClose(0x4)\n", /* bits 31:13 select nothing */
     {.kind = RS_EVENT_SYSCALL, .code = 0xffffe00f, .args = {4}}},
    {"SYSCALL service 0x100f(0x4, 0, 0, 0)\n", /* bit 12: the other table */
     {.kind = RS_EVENT_SYSCALL, .code = 0x100f, .args = {4}}},
    {"SYSCALL NtTerminateProcess(-1, STATUS_SUCCESS)\n",
     {.kind = RS_EVENT_SYSCALL, .code = 0x2c, .args = {UINT64_MAX}}},
    {"SYSCALL NtCreateEvent(0x1000, 0x1f0003, NULL, 1, FALSE)\n",
     {.kind = RS_EVENT_SYSCALL, .code = 0x48, .args = {0x1000, 0x1f0003, 0, 1, 0x100}}},
    {"SYSCALL NtCreateEvent(0x1000, 0x1f0003, NULL, 1, ?)\n",
     {.kind = RS_EVENT_SYSCALL, .code = 0x48, .flags = RS_EVENT_ARGS_PARTIAL,
      .args = {0x1000, 0x1f0003, 0, 1}}},
    {"SYSCALL NtClose(0) !SYSCALL_CPL (repaired)\n",
     {.kind = RS_EVENT_SYSCALL, .code = 0x0f, .deviations = RS_DEVIATION_SYSCALL_CPL,
      .flags = RS_EVENT_REPAIRED}},
    {"SYSRET  NtClose = STATUS_INVALID_HANDLE\n",
     {.kind = RS_EVENT_SYSRET, .code = 0xc0000008, .entry_kind = RS_EVENT_SYSCALL,
      .entry_code = 0x0f}},
    {"SYSRET  service 0x1d7 = 0x12345\n",
     {.kind = RS_EVENT_SYSRET, .code = 0x12345, .entry_kind = RS_EVENT_SYSCALL,
      .entry_code = 0x1d7}},
    {"EXC     #PF(0x6) cr2 0x7fff at 0x1000 cpl 3\n",
     {.kind = RS_EVENT_EXCEPTION, .vector = 14, .flags = RS_EVENT_HAS_ERROR_CODE,
      .error_code = 6, .cr2 = 0x7fff, .from_rip = 0x1000, .from_cpl = 3}},
    {"  EXC     #UD at 0x1000 cpl 0\n",
     {.kind = RS_EVENT_EXCEPTION, .vector = 6, .from_rip = 0x1000, .depth = 1}},
    {"                                [1000] EXC     #UD at 0x1000 cpl 0\n",
     {.kind = RS_EVENT_EXCEPTION, .vector = 6, .from_rip = 0x1000, .depth = 1000}},
    {"INT     0x2e NtClose at 0x1000 cpl 3\n",
     {.kind = RS_EVENT_INT_N, .vector = 0x2e, .code = 0x0f, .from_rip = 0x1000, .from_cpl = 3}},
    {"NMI     NMI at 0x1000 cpl 0 ist 3\n",
     {.kind = RS_EVENT_NMI, .vector = 2, .from_rip = 0x1000, .ist = 3}},
    {"IRQ     CLOCK (0xd1) at 0x1000 cpl 0\n",
     {.kind = RS_EVENT_INTERRUPT, .vector = 0xd1, .from_rip = 0x1000}},
    {"IRQ     0x55 at 0x1000 cpl 0\n",
     {.kind = RS_EVENT_INTERRUPT, .vector = 0x55, .from_rip = 0x1000}},
    {"IRET    #UD to 0x2000 cpl 3\n",
     {.kind = RS_EVENT_IRET, .vector = 6, .entry_kind = RS_EVENT_EXCEPTION, .to_rip = 0x2000,
      .to_cpl = 3}},
    {"IRET    NtContinue to 0x2000 cpl 3\n",
     {.kind = RS_EVENT_IRET, .entry_kind = RS_EVENT_SYSCALL, .entry_code = 0x43,
      .to_rip = 0x2000, .to_cpl = 3}},
    {"WRMSR   LSTAR = 0x1234\n",
     {.kind = RS_EVENT_WRMSR, .code = MSR_LSTAR, .value = 0x1234}},
    {"RDMSR   0x1 = 0 !MSR_VALUE\n",
     {.kind = RS_EVENT_RDMSR, .code = 1, .deviations = RS_DEVIATION_MSR_VALUE}},
};
// clang-format on

START_TEST(prints_each_kind)
{
    char *line = line_of(&rows[_i].event, false, false);

    ck_assert_str_eq(line, rows[_i].line);
    free(line);
}
END_TEST

START_TEST(prints_times)
{
    struct rs_event event = {.kind = RS_EVENT_SYSRET,
                             .entry_kind = RS_EVENT_SYSCALL,
                             .entry_code = 0x0f,
                             .tsc_exit = 5000000,
                             .entry_tsc = 3000000};
    char *line = line_of(&event, true, true);

    ck_assert_str_eq(line, "     0.000001 SYSRET  NtClose = STATUS_SUCCESS <0.002000>\n");
    free(line);
}
END_TEST

START_TEST(clock_survives_large_counts)
{
    struct rs_clock clock = {.tsc_hz = 2600000000, .tsc = 100, .wall = {.tv_sec = 5}};

    ck_assert_uint_eq(rs_clock_ns(&clock, UINT64_C(2600000000) * 86400 * 365),
                      UINT64_C(1000000000) * 86400 * 365);
    ck_assert_int_eq(rs_clock_wall(&clock, 100 + UINT64_C(2600000000) * 3).tv_sec, 8);
}
END_TEST

static struct rs_counts counts;

START_TEST(counts_pair_entries_and_returns)
{
    struct rs_event call = {.kind = RS_EVENT_SYSCALL, .code = 0x200f};
    struct rs_event back = {.kind = RS_EVENT_SYSRET,
                            .entry_kind = RS_EVENT_SYSCALL,
                            .entry_code = 0x0f,
                            .code = 0xc0000008,
                            .tsc_exit = 3000,
                            .entry_tsc = 1000};
    struct rs_clock clock = {.tsc_hz = TSC_HZ};
    char *table = NULL;
    size_t size;
    FILE *file;

    memset(&counts, 0, sizeof(counts));
    rs_counts_add(&counts, &call);
    rs_counts_add(&counts, &back);
    ck_assert_uint_eq(counts.used, 1); /* 0x200f and 0x0f are one service */
    ck_assert_uint_eq(counts.rows[0].calls, 1);
    ck_assert_uint_eq(counts.rows[0].errors, 1);
    ck_assert_uint_eq(counts.rows[0].ticks, 2000);
    file = open_memstream(&table, &size);
    rs_counts_print(&counts, &clock, true, file);
    fclose(file);
    ck_assert_ptr_nonnull(
        strstr(table, "100.00    0.000002           2         1         1 NtClose"));
    ck_assert_ptr_nonnull(strstr(table, "emulated"));
    free(table);
}
END_TEST

START_TEST(counts_are_bounded)
{
    memset(&counts, 0, sizeof(counts));
    for (uint32_t i = 0; i < RS_COUNTS_MAX + 3; i++) {
        struct rs_event event = {.kind = RS_EVENT_RDMSR, .code = i};

        rs_counts_add(&counts, &event);
    }
    ck_assert_uint_eq(counts.used, RS_COUNTS_MAX);
    ck_assert_uint_eq(counts.other, 3);
}
END_TEST

START_TEST(names_come_from_the_tables)
{
    ck_assert_str_eq(rs_vector_name(RS_VECTOR_PF), "#PF");
    ck_assert_str_eq(rs_vector_name(RS_VECTOR_NMI), "NMI");
    ck_assert_ptr_null(rs_vector_name(0x55));
    ck_assert_str_eq(rs_msr_name(MSR_STAR), "STAR");
    ck_assert_ptr_null(rs_msr_name(1));
    ck_assert_str_eq(rs_status_name(0xc0000005), "STATUS_ACCESS_VIOLATION");
    ck_assert_ptr_null(rs_status_name(0xdeadbeef));
    ck_assert_uint_eq(rs_service_argument_count(0x08), 9);
    ck_assert_int_eq(rs_service_argument_kind(0x08, 6), 'u');
    ck_assert_int_eq(rs_service_argument_kind(0x08, 9), 'x');
    ck_assert_ptr_null(rs_service_name(RS_SERVICE_LIMIT));
    ck_assert_str_eq(rs_service_name(0x3012), "NtGdiFlush");
    ck_assert_str_eq(rs_service_class(0x1012), "window");
    ck_assert_ptr_null(rs_service_name(0x1000 | RS_WIN32_SERVICE_LIMIT));
    ck_assert_str_eq(rs_service_result_name(0x00f, 0), "STATUS_SUCCESS");
    ck_assert_ptr_null(rs_service_result_name(0x1012, 0));
    ck_assert_str_eq(rs_service_result_name(0x1012, 0xc000001c), "STATUS_INVALID_SYSTEM_SERVICE");
}
END_TEST

/* One letter for each argument, as many as the count says. */
START_TEST(service_rows_are_sound)
{
    static const struct {
        const char *name, *arguments;
        unsigned number, count;
    } services[] = {
#define X(number, name, args, class, arguments) {#name, arguments, number, args},
        RS_SERVICES(X)
#undef X
    };

    for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
        unsigned colons = 0;

        for (const char *at = services[i].arguments; *at; at++)
            colons += *at == ':';
        assert_row_eq(services[i].name, colons, services[i].count);
        ck_assert(rs_service_in_table(services[i].number));
        ck_assert_uint_le(services[i].count, RS_SERVICE_ARGS_MAX);
        for (unsigned argument = 0; argument < services[i].count; argument++)
            ck_assert_ptr_nonnull(strchr("hpxdusb" RS_SERVICE_KINDS_INPUT RS_SERVICE_KINDS_OUTPUT,
                                         rs_service_argument_kind(services[i].number, argument)));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text");

    UNIT_ADD_ROWS(suite, prints_each_kind, rows);
    UNIT_ADD(suite, prints_times);
    UNIT_ADD(suite, clock_survives_large_counts);
    UNIT_ADD(suite, counts_pair_entries_and_returns);
    UNIT_ADD(suite, counts_are_bounded);
    UNIT_ADD(suite, names_come_from_the_tables);
    UNIT_ADD(suite, service_rows_are_sound);
    return unit_run(suite);
}
