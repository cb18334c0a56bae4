/* SPDX-License-Identifier: MIT
 * kvm-unit-tests: its list, how a test is run, and what it said. */
#include "kut/config.h"
#include "kut/plan.h"
#include "kut/result.h"
#include "unit.h"

static struct rs_kut_config config;
static struct rs_kut_plan plan;
static struct rs_kut_result result;
static struct rs_error error;

static int parse(const char *text)
{
    rs_kut_config_free(&config);
    return rs_kut_config_parse("list", text, strlen(text), &config, &error);
}

START_TEST(reads_the_list)
{
    ck_assert_int_eq(parse("# comment\n\n[one]\nfile = one.flat\nsmp = 3\n"
                           "test_args = 'a b'\nunknown = 1\r\n[two]\n"
                           "extra_params = -m 512 -cpu max\ncheck = /a=b\ngroups= x y"),
                     0);
    ck_assert_uint_eq(config.count, 2);
    ck_assert_str_eq(config.tests[0].name, "one");
    ck_assert_str_eq(config.tests[0].file, "one.flat");
    ck_assert_str_eq(config.tests[0].args, "'a b'");
    ck_assert_str_eq(config.tests[0].params, "");
    ck_assert_uint_eq(config.tests[0].smp, 3);
    ck_assert_str_eq(config.tests[1].params, "-m 512 -cpu max");
    ck_assert_str_eq(config.tests[1].check, "/a=b");
    ck_assert_uint_eq(config.tests[1].smp, 1);
    ck_assert(rs_kut_has_word(config.tests[1].groups, "y"));
    ck_assert(!rs_kut_has_word(config.tests[1].groups, "xy"));
    rs_kut_config_free(&config);
}
END_TEST

START_TEST(refuses_what_is_no_list)
{
    static const char *const wrong[] = {
        "",        "file = x\n", "[a\n",           "[]\n",
        "[a] b\n", "[a]\nb\n",   "[a]\nsmp = 0\n", "[a]\nsmp = 2x\n"};

    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        ck_assert_msg(parse(wrong[i]) == -1, "'%s' is let through", wrong[i]);
        ck_assert_int_eq(error.exit_code, RS_EXIT_IMAGE);
    }
    rs_kut_config_free(&config);
    ck_assert_int_eq(rs_kut_config_parse("list", "[a]\n\0x", 6, &config, &error), -1);
    rs_kut_config_free(&config);
}
END_TEST

START_TEST(splits_words_as_a_shell)
{
    const char *text = " one 'two words' \"three\"'3' \"`date +%s`\" ";
    char word[32];

    ck_assert_int_eq(rs_kut_word(&text, 77, word, sizeof(word)), 1);
    ck_assert_str_eq(word, "one");
    ck_assert_int_eq(rs_kut_word(&text, 77, word, sizeof(word)), 1);
    ck_assert_str_eq(word, "two words");
    ck_assert_int_eq(rs_kut_word(&text, 77, word, sizeof(word)), 1);
    ck_assert_str_eq(word, "three3");
    ck_assert_int_eq(rs_kut_word(&text, 77, word, sizeof(word)), 1);
    ck_assert_str_eq(word, "77");
    ck_assert_int_eq(rs_kut_word(&text, 77, word, sizeof(word)), 0);
}
END_TEST

START_TEST(refuses_what_takes_a_shell)
{
    static const char *const wrong[] = {"$(id)", "`id`", "'open", "a\\ b", "longer-than-the-room"};

    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        const char *text = wrong[i];
        char word[12];

        ck_assert_msg(rs_kut_word(&text, 0, word, sizeof(word)) == -1, "%s", wrong[i]);
    }
}
END_TEST

static const struct {
    const char *text;   /* of the test */
    const char *reason; /* "": it can be run */
    const char *cpu;
    uint64_t memory;
} plans[] = {
    {"smp = 2\n", "", "", 128},
    {"qemu_params = -cpu qemu64,-x2apic,+tsc-deadline\n", "", "host,-x2apic,+tsc-deadline", 128},
    {"qemu_params = -cpu max,vendor=GenuineIntel -m 2048\n", "", "host,vendor=GenuineIntel", 2048},
    {"qemu_params = -enable-kvm -m 4g -cpu host\n", "", "host", 3072},
    {"qemu_params = -cpu max,host-phys-bits\n", "", "host", 128},
    {"qemu_params = -machine pit=off\n", "", "", 128},
    {"qemu_params = -machine vmport=on -cpu max\n", "VMware", NULL, 0},
    {"qemu_params = -M q35,kernel-irqchip=split -device edu\n", "another machine", NULL, 0},
    {"qemu_params = -cpu host,hv_passthrough -device hyperv-testdev\n", "", "host,hv_passthrough",
     128},
    {"qemu_params = -cpu host,hv-time\n", "hv-time", NULL, 0},
    {"qemu_params = -device hyperv-testdev,x=1\n", "device hyperv-testdev,x=1", NULL, 0},
    {"qemu_params = -cpu IvyBridge,phys-bits=36\n", "physical addresses", NULL, 0},
    {"qemu_params = -cpu max,+nosuch\n", "+nosuch", NULL, 0},
    {"qemu_params = -nosuch value\n", "option -nosuch", NULL, 0},
    {"arch = i386\n", "i386 only", NULL, 0},
    {"accel = tcg\n", "tcg only", NULL, 0},
    {"disabled_if = [ 1 ]\n", "disabled_if", NULL, 0},
    {"smp = 99\n", "99 processors", NULL, 0},
    {"test_args = \"$HOME\"\n", "take a shell", NULL, 0},
};

START_TEST(plans_each)
{
    static const struct rs_kut_limits limits = {
        .cpus_max = 16, .memory_max = UINT64_C(3) << 30, .memory_default = 128 << 20};
    char text[256];

    snprintf(text, sizeof(text), "[t]\n%s", plans[_i].text);
    ck_assert_int_eq(parse(text), 0);
    rs_kut_plan(&config.tests[0], &limits, &plan);
    if (plans[_i].reason[0]) {
        ck_assert_msg(strstr(plan.reason, plans[_i].reason) != NULL, "%s: '%s'", plans[_i].text,
                      plan.reason);
    } else {
        ck_assert_str_eq(plan.reason, "");
        ck_assert_str_eq(plan.cpu, plans[_i].cpu);
        ck_assert_uint_eq(plan.memory >> 20, plans[_i].memory);
    }
    rs_kut_config_free(&config);
}
END_TEST

START_TEST(time_outs)
{
    struct rs_kut_limits limits = {.cpus_max = 16};

    ck_assert_int_eq(parse("[a]\n[b]\ntimeout = 10\n[c]\ntimeout = 2m\n[d]\ntimeout = x\n"), 0);
    for (size_t i = 0; i < 4; i++) {
        static const double expected[] = {90, 10, 120, 90};

        rs_kut_plan(&config.tests[i], &limits, &plan);
        ck_assert(plan.timeout == expected[i]);
    }
    limits.timeout = 5;
    rs_kut_plan(&config.tests[1], &limits, &plan);
    ck_assert(plan.timeout == 5);
    rs_kut_config_free(&config);
}
END_TEST

#define DEPARTS "ringscope: this host departs from the SDM; repaired: SYSCALL\n"
#define COUNTED "ringscope: 2 x deviation from the SDM: a\nringscope: 2 records were lost\n"

static const struct {
    const char *output;
    int status;
    enum rs_kut_verdict verdict;
    const char *why;
} results[] = {
    {"PASS: a\r\nSUMMARY: 1 tests\r\n", 1, RS_KUT_PASSED, "1 tests"},
    {"hello", 1, RS_KUT_PASSED, ""},
    {"XFAIL: a\nKFAIL: b\n", 1, RS_KUT_PASSED, ""},
    {"FAIL: a\n", 1, RS_KUT_FAILED, "its lines say"},
    {"XPASS: a\nSUMMARY: 1 tests, 1 unexpected failures\n", 3, RS_KUT_FAILED, "1 unexpected"},
    {"SKIP: a\nSUMMARY: 1 tests, 1 skipped\n", 77, RS_KUT_SKIPPED, "1 skipped"},
    {"PASS: a\n", 127, RS_KUT_FAILED, "aborted"},
    {"ringscope: x: No such file\n", 127, RS_KUT_FAILED, "x: No such file"},
    {"PASS: a\n", 124, RS_KUT_FAILED, "timeout; duration=30s"},
    {"ringscope: the guest crashed: \x1b[1mrip\n", 122, RS_KUT_FAILED,
     "the guest crashed: ?[1mrip"},
    {"PASS: a\n", 0, RS_KUT_FAILED, "without a result"},
    {"", 139, RS_KUT_FAILED, "status 139"},
    /* Traced and repaired: what ringscope counts is not the result. */
    {DEPARTS "FAIL: a\nSUMMARY: 1 tests, 1 unexpected failures\n" COUNTED, 3, RS_KUT_FAILED,
     "1 unexpected"},
    {DEPARTS "PASS: a\nSUMMARY: 1 tests\n" COUNTED, 1, RS_KUT_PASSED, "1 tests"},
    {DEPARTS "ringscope: the guest crashed: triple fault\n" COUNTED, 122, RS_KUT_FAILED,
     "the guest crashed: triple fault"},
    {"a\nringscope: the guest reset the machine\n" COUNTED, 0, RS_KUT_FAILED,
     "the guest reset the machine"},
    {"PASS: one\nPASS: tworingscope: the guest crashed: triple fault\n" COUNTED, 122, RS_KUT_FAILED,
     "the guest crashed: triple fault"},
    {DEPARTS "\nFAIL: a\n" COUNTED, 3, RS_KUT_FAILED, "status 3"},
};

START_TEST(verdicts)
{
    rs_kut_result_of(results[_i].output, strlen(results[_i].output), results[_i].status, 30,
                     &result);
    ck_assert_int_eq(result.verdict, results[_i].verdict);
    ck_assert_msg(strstr(result.why, results[_i].why) != NULL, "'%s'", result.why);
}
END_TEST

START_TEST(counts_lines)
{
    static const char output[] = "PASS: a\nPASSED: no\n PASS: no\nFAIL: b\nSKIP: c\nPASS:";

    rs_kut_result_of(output, sizeof(output) - 1, 3, 30, &result);
    ck_assert_uint_eq(result.lines[RS_KUT_PASS], 2);
    ck_assert_uint_eq(result.lines[RS_KUT_FAIL], 1);
    ck_assert_uint_eq(result.lines[RS_KUT_SKIP], 1);
    ck_assert_uint_eq(result.lines[RS_KUT_OTHER], 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kut");

    UNIT_ADD(suite, reads_the_list);
    UNIT_ADD(suite, refuses_what_is_no_list);
    UNIT_ADD(suite, splits_words_as_a_shell);
    UNIT_ADD(suite, refuses_what_takes_a_shell);
    UNIT_ADD_ROWS(suite, plans_each, plans);
    UNIT_ADD(suite, time_outs);
    UNIT_ADD_ROWS(suite, verdicts, results);
    UNIT_ADD(suite, counts_lines);
    return unit_run(suite);
}
