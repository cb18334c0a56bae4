/* SPDX-License-Identifier: MIT
 * Filter expressions. What each selects follows strace(1), option -e; numbers are those of the
 * tables in <ringscope/nt/services.h>, <ringscope/x86/vectors.h> and <ringscope/x86/msr.h>. */
#include "trace/filter.h"
#include "unit.h"

static struct rs_filter filter;
static struct rs_filter_error error;

static void setup(void)
{
    rs_filter_init(&filter);
}

static void parse(const char *expression)
{
    ck_assert_msg(rs_filter_parse(&filter, expression, &error) == 0, "'%s': %s", expression,
                  error.message);
}

START_TEST(default_is_everything_and_the_steering_msrs)
{
    ck_assert(rs_filter_any_service(&filter));
    ck_assert(rs_filter_service(&filter, 0));
    ck_assert(rs_filter_service(&filter, 0x1fff));
    ck_assert(rs_filter_vector(&filter, 0));
    ck_assert(rs_filter_vector(&filter, 255));
    ck_assert(rs_filter_interrupt(&filter, 0xd1));
    /* 174h-176h and C0000080h-C0000084h are hooked; their neighbours are not. */
    ck_assert_uint_eq(filter.hooked.msr_range_count, 2);
    ck_assert(!rs_filter_msr(&filter, 0x173));
    ck_assert(rs_filter_msr(&filter, 0x174));
    ck_assert(rs_filter_msr(&filter, 0x176));
    ck_assert(!rs_filter_msr(&filter, 0x177));
    ck_assert(!rs_filter_msr(&filter, 0xc000007f));
    ck_assert(rs_filter_msr(&filter, 0xc0000080));
    ck_assert(rs_filter_msr(&filter, 0xc0000084));
    ck_assert(!rs_filter_msr(&filter, 0xc0000085));
}
END_TEST

enum question {
    SERVICE,
    VECTOR,
    INTERRUPT,
    MSR
};

static bool ask(enum question question, uint32_t number)
{
    switch (question) {
    case SERVICE:
        return rs_filter_service(&filter, number);
    case VECTOR:
        return rs_filter_vector(&filter, (uint8_t)number);
    case INTERRUPT:
        return rs_filter_interrupt(&filter, (uint8_t)number);
    default:
        return rs_filter_msr(&filter, number);
    }
}

/* Each row: an expression, numbers that it selects and numbers that it does not. */
#define END UINT64_MAX

// clang-format off
static const struct {
    const char *expression;
    enum question question;
    uint64_t in[5], out[5]; /* up to END */
} rows[] = {
    {"syscall=NtClose", SERVICE, {0x0f, 0x200f, 0xffffe00f, END}, {0x0e, 0x10, 0x100f, END}},
    {"NtClose,NtWriteFile", SERVICE, {0x0f, 0x08, END}, {0x06, 0x07, END}},
    {"NtClose", VECTOR, {0, 14, 255, END}, {END}},
    {"syscall=0x26,15", SERVICE, {0x26, 0x0f, END}, {0x25, 0x10, END}},
    {"syscall=0x1026", SERVICE, {0x1026, 0x3026, END}, {0x26, 0x2026, END}},
    {"syscall=010", SERVICE, {10, END}, {8, END}}, /* no octal */
    {"syscall=0X1FFF", SERVICE, {0x1fff, END}, {0x1ffe, 0xfff, END}},
    {"syscall=!NtClose", SERVICE, {0x0e, 0x10, 0x100f, END}, {0x0f, END}},
    {"!NtClose,NtWriteFile", SERVICE, {0x07, 0x1008, END}, {0x0f, 0x08, END}},
    {"syscall=!!NtClose", SERVICE, {0x0f, END}, {0x0e, END}},
    {"syscall=3-5,NtClose-0x11", SERVICE, {3, 5, 0x0f, 0x11, END}, {2, 6, 0x0e, 0x12, END}},
    {"syscall=all", SERVICE, {0, 0x1fff, END}, {END}},
    {"all", SERVICE, {0, 0x1fff, END}, {END}},
    {"syscall=!none", SERVICE, {0, 0x1fff, END}, {END}},
    {"exception=PF", VECTOR, {14, END}, {13, 15, END}},
    {"exception=#PF,#ud", VECTOR, {14, 6, END}, {13, 7, END}},
    {"exception=NMI", VECTOR, {2, END}, {1, 3, END}},
    {"exception=0x2e,SYSSVC,FASTFAIL", VECTOR, {0x2e, 0x29, END}, {0x2d, 0x2a, END}},
    {"exception=0x20-0x2f,0", VECTOR, {0, 0x20, 0x2f, END}, {0x1f, 0x30, END}},
    {"exception=DE-BP", VECTOR, {0, 1, 3, END}, {4, END}},
    {"exception=!0-254", VECTOR, {255, END}, {0, 254, END}},
    {"exception=!1-255", VECTOR, {0, END}, {1, 255, END}},
    {"interrupt=0x5,255", INTERRUPT, {5, 255, END}, {0, 4, 6, 254, END}},
    {"interrupt=CLOCK", INTERRUPT, {0xd1, END}, {0xd0, 0xd2, END}},
    {"interrupt=!clock,DPC", INTERRUPT, {0xd0, 0x30, END}, {0xd1, 0x2f, END}},
    {"msr=LSTAR", MSR, {0xc0000082, END}, {0xc0000081, 0xc0000083, 0x174, END}},
    {"msr=MSR_LSTAR,IA32_EFER,fs_base", MSR, {0xc0000082, 0xc0000080, 0xc0000100, END},
     {0xc0000081, END}},
    {"msr=0-0x1fff", MSR, {0, 0x1fff, END}, {0x2000, 0xc0000080, END}},
    {"msr=0xc0000080-0xc00000ff,4294967295", MSR, {0xc0000080, 0xc00000ff, UINT32_MAX, END},
     {0xc000007f, 0xc0000100, END}},
    {"msr=STAR-FMASK", MSR, {0xc0000081, 0xc0000084, END}, {0xc0000080, 0xc0000085, END}},
    {"msr=!EFER", MSR, {0, 0xc000007f, 0xc0000081, UINT32_MAX, END}, {0xc0000080, END}},
    {"msr=!0-0xfffffffe", MSR, {UINT32_MAX, END}, {0, 0xfffffffe, END}},
    /* Overlapping, touching and unordered ranges are joined. */
    {"msr=20-30,1-5,25-40,6-10,2", MSR, {1, 10, 20, 40, END}, {0, 11, 19, 41, END}},
};
// clang-format on

START_TEST(selects)
{
    const char *expression = rows[_i].expression;

    parse(expression);
    for (const uint64_t *in = rows[_i].in; *in != END; in++)
        ck_assert_msg(ask(rows[_i].question, (uint32_t)*in), "'%s' does not select %#" PRIx64,
                      expression, *in);
    for (const uint64_t *out = rows[_i].out; *out != END; out++)
        ck_assert_msg(!ask(rows[_i].question, (uint32_t)*out), "'%s' selects %#" PRIx64, expression,
                      *out);
}
END_TEST

START_TEST(none_selects_nothing)
{
    parse("none");
    ck_assert(!rs_filter_any_service(&filter));
    parse("syscall=!all");
    ck_assert(!rs_filter_any_service(&filter));
    parse("exception=none");
    parse("interrupt=none");
    for (unsigned vector = 0; vector < 256; vector++) {
        ck_assert(!rs_filter_vector(&filter, (uint8_t)vector));
        ck_assert(!rs_filter_interrupt(&filter, (uint8_t)vector));
    }
    parse("msr=none");
    ck_assert_uint_eq(filter.hooked.msr_range_count, 0);
    ck_assert(!rs_filter_msr(&filter, 0xc0000080));
}
END_TEST

START_TEST(all_msrs_are_one_range)
{
    parse("msr=all");
    ck_assert_uint_eq(filter.hooked.msr_range_count, 1);
    ck_assert_uint_eq(filter.hooked.msr_ranges[0].first, 0);
    ck_assert_uint_eq(filter.hooked.msr_ranges[0].last, UINT32_MAX);
}
END_TEST

/* One service: the last bit of the last word, the first of the first. */
START_TEST(any_service_looks_at_every_word)
{
    parse("syscall=0x1fff");
    ck_assert(rs_filter_any_service(&filter));
    parse("syscall=0");
    ck_assert(rs_filter_any_service(&filter));
}
END_TEST

START_TEST(later_replaces_earlier_of_its_kind_only)
{
    parse("syscall=NtClose");
    parse("exception=PF");
    parse("syscall=NtWriteFile");
    ck_assert(!rs_filter_service(&filter, 0x0f));
    ck_assert(rs_filter_service(&filter, 0x08));
    ck_assert(rs_filter_vector(&filter, 14));
    ck_assert(!rs_filter_vector(&filter, 13));
    ck_assert(rs_filter_interrupt(&filter, 0xd1));
    ck_assert(rs_filter_msr(&filter, 0xc0000080));
}
END_TEST

// clang-format off
static const struct {
    const char *expression;
    size_t column;
    const char *message;
} errors[] = {
    {"syscall=NtClos", 8, "unknown service 'NtClos'; did you mean NtClose?"},
    {"NtClose,ntwritefile", 8, "unknown service 'ntwritefile'; did you mean NtWriteFile?"},
    {"NtWaitForSingleObjekt", 0,
     "unknown service 'NtWaitForSingleObjekt'; did you mean NtWaitForSingleObject?"},
    {"NtWriteFiel", 0, "unknown service 'NtWriteFiel'; did you mean NtWriteFile?"},
    {"tClose", 0, "unknown service 'tClose'; did you mean NtClose?"},
    {"NtClosed", 0, "unknown service 'NtClosed'; did you mean NtClose?"},
    {"NtCreateKey", 0, "unknown service 'NtCreateKey'"},
    {"exception=#PX", 10, "unknown exception '#PX'; did you mean PF?"},
    {"msr=LSTR", 4, "unknown MSR 'LSTR'; did you mean LSTAR?"},
    {"msr=IA32_LSTR", 4, "unknown MSR 'IA32_LSTR'; did you mean LSTAR?"},
    {"msr=c0000082", 4, "unknown MSR 'c0000082'; did you mean 0xc0000082?"},
    {"exception=2e", 10, "unknown exception '2e'; did you mean 0x2e?"},
    {"msr=Q", 4, "unknown MSR 'Q'"},
    {"exception=CLOCK", 10, "'CLOCK' is no exception; did you mean interrupt=CLOCK?"},
    {"interrupt=#PF", 10, "'#PF' is no interrupt; did you mean exception=#PF?"},
    {"LSTAR", 0, "'LSTAR' is no service; did you mean msr=LSTAR?"},
    {"msr=NtClose", 4, "'NtClose' is no MSR; did you mean syscall=NtClose?"},
    {"#", 0, "unknown service '#'"},
    {"exception=#", 10, "unknown exception '#'"},
    {"NtClose,all", 8, "'all' must be the only value"},
    {"NtClose,none", 8, "'none' must be the only value"},
    {"NtClose,!NtReadFile", 8, "'!' must stand before the first value: it turns all over"},
    {"", 0, "a value is missing here"},
    {"syscall=", 8, "a value is missing here"},
    {"syscall=!", 9, "a value is missing here"},
    {"NtClose,", 8, "a value is missing here"},
    {"1,,2", 2, "a value is missing here"},
    {"1-", 2, "a value is missing here"},
    {"-1", 0, "a value is missing here"},
    {"exception=5-3", 10, "range '5-3' ends before it begins"},
    {"exception=1-2-3", 12, "'2-3' is not a number"},
    {"exception=256", 10, "exception 256 is out of range: the largest is 0xff"},
    {"interrupt=256", 10, "interrupt 256 is out of range: the largest is 0xff"},
    {"syscall=0x2000", 8, "service 0x2000 is out of range: the largest is 0x1fff"},
    {"msr=4294967296", 4, "MSR 4294967296 is out of range: the largest is 0xffffffff"},
    {"msr=99999999999999999999999999", 4,
     "MSR 99999999999999999999999999 is out of range: the largest is 0xffffffff"},
    {"msr=0x", 4, "'0x' is not a number"},
    {"msr=0x1g", 4, "'0x1g' is not a number"},
    {"msr=12-7z", 7, "'7z' is not a number"},
    {"signal=INT", 0, "unknown kind 'signal': it is one of syscall, exception, interrupt and msr"},
    {"=1", 0, "unknown kind '': it is one of syscall, exception, interrupt and msr"},
    {"SYSCALL=1", 0, "unknown kind 'SYSCALL': it is one of syscall, exception, interrupt and msr"},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaz", 0,
     "unknown service 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'"},
    {"msr=!1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31", 4,
     "too many separate MSR ranges: at most 16"},
};
// clang-format on

START_TEST(says_what_is_wrong)
{
    struct rs_filter before;

    memcpy(&before, &filter, sizeof(before)); /* padding included */
    ck_assert_int_eq(rs_filter_parse(&filter, errors[_i].expression, &error), -1);
    ck_assert_str_eq(error.message, errors[_i].message);
    assert_row_eq(errors[_i].expression, error.column, errors[_i].column);
    ck_assert_mem_eq(&filter, &before, sizeof(filter));
}
END_TEST

START_TEST(values_are_bounded)
{
    char expression[2000] = "msr=";
    size_t used = 4;

    for (unsigned i = 0; i < 256; i++)
        used += (size_t)snprintf(expression + used, sizeof(expression) - used, "%u,", i);
    expression[used - 1] = '\0';
    parse(expression);
    ck_assert_uint_eq(filter.hooked.msr_range_count, 1);
    snprintf(expression + used - 1, sizeof(expression) - used + 1, ",7");
    ck_assert_int_eq(rs_filter_parse(&filter, expression, &error), -1);
    ck_assert_str_eq(error.message, "more than 256 values");
    ck_assert_uint_eq(error.column, used);
}
END_TEST

/* Sixteen ranges fit, and so does their complement of fifteen. */
START_TEST(sixteen_msr_ranges_fit)
{
    parse("msr=1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31");
    ck_assert_uint_eq(filter.hooked.msr_range_count, 16);
    parse("msr=!0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30");
    ck_assert_uint_eq(filter.hooked.msr_range_count, 16);
    ck_assert(rs_filter_msr(&filter, 1));
    ck_assert(!rs_filter_msr(&filter, 30));
    ck_assert(rs_filter_msr(&filter, 31));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("filter");
    TCase *tests = tcase_create("filter");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, default_is_everything_and_the_steering_msrs);
    tcase_add_loop_test(tests, selects, 0, ARRAY_SIZE(rows));
    tcase_add_test(tests, none_selects_nothing);
    tcase_add_test(tests, all_msrs_are_one_range);
    tcase_add_test(tests, any_service_looks_at_every_word);
    tcase_add_test(tests, later_replaces_earlier_of_its_kind_only);
    tcase_add_loop_test(tests, says_what_is_wrong, 0, ARRAY_SIZE(errors));
    tcase_add_test(tests, values_are_bounded);
    tcase_add_test(tests, sixteen_msr_ranges_fit);
    suite_add_tcase(suite, tests);
    return unit_run(suite);
}
