/* SPDX-License-Identifier: MIT
 * Exported traces: strings in JSON, the nesting of slices for fabricated events, the environment.
 */
#include "trace/ctf/environment.h"
#include "trace/export/export.h"
#include "trace/export/json.h"
#include "trace/export/nesting.h"
#include "unit.h"

#define PF 14
#define NT_CLOSE 0x0f

// clang-format off
static const struct {
    const char *bytes;
    size_t size;
    const char *json;
} strings[] = {
    {"", 0, "\"\""},
    {"NtClose", 7, "\"NtClose\""},
    {"a\"b\\c", 5, "\"a\\\"b\\\\c\""},
    {"\n\r\t\x01\x1f\x7f", 6, "\"\\n\\r\\t\\u0001\\u001f\\u007f\""},
    {"a\0b", 3, "\"a\\u0000b\""},
    {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9, "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
    {"\xf4\x8f\xbf\xbf", 4, "\"\xf4\x8f\xbf\xbf\""},           /* U+10FFFF, the last one */
    {"\xf4\x90\x80\x80", 4, "\"\\ufffd\\ufffd\\ufffd\\ufffd\""}, /* and beyond it */
    {"\xc0\x80", 2, "\"\\ufffd\\ufffd\""},                     /* longer than need be */
    {"\xe0\x9f\xbf", 3, "\"\\ufffd\\ufffd\\ufffd\""},
    {"\xed\xa0\x80", 3, "\"\\ufffd\\ufffd\\ufffd\""},          /* half of a surrogate pair */
    {"\x80""a", 2, "\"\\ufffda\""},                            /* begins in the middle */
    {"\xe2\x82", 2, "\"\\ufffd\\ufffd\""},                     /* ends in the middle */
    {"\xe2\x82""a", 3, "\"\\ufffd\\ufffda\""},
    {"\xff\xfe", 2, "\"\\ufffd\\ufffd\""},
};
// clang-format on

START_TEST(strings_are_json_whatever_they_hold)
{
    char *json = NULL;
    size_t size;
    FILE *file = open_memstream(&json, &size);

    rs_json_bytes(file, strings[_i].bytes, strings[_i].size);
    fclose(file);
    ck_assert_str_eq(json, strings[_i].json);
    free(json);
}
END_TEST

START_TEST(numbers_keep_their_bits)
{
    char *json = NULL;
    size_t size;
    FILE *file = open_memstream(&json, &size);

    rs_json_integer(file, RS_JSON_INTEGER_MAX);
    rs_json_integer(file, RS_JSON_INTEGER_MAX + 1);
    rs_json_integer(file, UINT64_MAX);
    rs_json_hex(file, UINT64_MAX);
    rs_json_hex(file, 0);
    fclose(file);
    ck_assert_str_eq(json, "9007199254740991\"9007199254740992\"\"18446744073709551615\""
                           "\"0xffffffffffffffff\"\"0x0\"");
    free(json);
}
END_TEST

/* Steps as text: E enter, R return, C cut, S stray, U ring 3 goes on, u ring 3 is left; each with
 * its vCPU, the entry's sequence number or '-', and its time. */
static char steps[4096];

static void put_step(void *context, const struct rs_nest_step *step)
{
    static const char letters[] = {
        [RS_NEST_CUT] = 'C',      [RS_NEST_RETURN] = 'R', [RS_NEST_STRAY] = 'S',
        [RS_NEST_USER_END] = 'u', [RS_NEST_ENTER] = 'E',  [RS_NEST_USER_BEGIN] = 'U'};
    size_t used = strlen(steps);
    char span[24] = "-";

    (void)context;
    if (step->span)
        snprintf(span, sizeof(span), "%" PRIu64, step->span->sequence);
    snprintf(steps + used, sizeof(steps) - used, "%s%u%c%s@%" PRIu64, used ? " " : "", step->vcpu,
             letters[step->kind], span, step->ns);
}

static struct rs_nest *nest;
static uint64_t sequence;

static void setup(void)
{
    nest = calloc(1, sizeof(*nest));
    ck_assert_ptr_nonnull(nest);
    nest->put = put_step;
    sequence = 0;
    steps[0] = '\0';
}

static void teardown(void)
{
    free(nest);
}

/* Each event stops the guest for one nanosecond. */
static void feed(struct rs_event event, uint64_t ns)
{
    event.sequence = sequence++;
    rs_nest_event(nest, &event, ns, ns + 1);
}

static struct rs_event call(void)
{
    return (struct rs_event){.kind = RS_EVENT_SYSCALL, .code = NT_CLOSE};
}

static struct rs_event sysret(uint64_t entry)
{
    return (struct rs_event){
        .kind = RS_EVENT_SYSRET, .entry_kind = RS_EVENT_SYSCALL, .entry_sequence = entry};
}

static struct rs_event fault(uint8_t cpl, uint16_t depth)
{
    return (struct rs_event){
        .kind = RS_EVENT_EXCEPTION, .vector = PF, .from_cpl = cpl, .depth = depth};
}

static struct rs_event iret(uint64_t entry, uint8_t cpl)
{
    return (struct rs_event){.kind = RS_EVENT_IRET,
                             .entry_kind = RS_EVENT_EXCEPTION,
                             .vector = PF,
                             .entry_sequence = entry,
                             .to_cpl = cpl};
}

START_TEST(a_fault_nests_in_a_call)
{
    feed(call(), 10);
    feed(fault(0, 1), 20);
    feed(iret(1, 0), 30);
    feed(sysret(0), 40);
    feed(call(), 50);
    feed(sysret(4), 60);
    rs_nest_end(nest, 70);
    ck_assert_str_eq(steps, "0E0@11 0E1@21 0R1@30 0R0@40 0U-@41 0u-@50 0E4@51 0R4@60 0U-@61 "
                            "0u-@70");
}
END_TEST

START_TEST(a_call_that_never_ends_is_cut_at_the_end)
{
    feed(call(), 10);
    feed(fault(0, 1), 20);
    rs_nest_end(nest, 99);
    ck_assert_str_eq(steps, "0E0@11 0E1@21 0C1@99 0C0@99");
}
END_TEST

START_TEST(a_return_without_its_entry_closes_nothing_of_others)
{
    feed(iret(1000, 0), 5);
    feed(call(), 10);
    feed(iret(1000, 0), 20);
    feed(sysret(1), 30);
    ck_assert_str_eq(steps, "0S-@5 0E1@11 0S-@20 0R1@30 0U-@31");
}
END_TEST

START_TEST(a_return_to_ring_3_ends_everything)
{
    feed(call(), 10);
    feed(fault(0, 1), 20);
    feed(sysret(0), 30); /* over the fault's head */
    feed(call(), 40);
    feed(sysret(1000), 50); /* its entry is not here */
    ck_assert_str_eq(steps, "0E0@11 0E1@21 0C1@30 0R0@30 0U-@31 0u-@40 0E3@41 0C3@50 0S-@50 "
                            "0U-@51");
}
END_TEST

START_TEST(an_entry_from_ring_3_cuts_what_was_open)
{
    feed(call(), 10);
    feed(fault(3, 0), 20);
    feed(iret(1, 3), 30);
    ck_assert_str_eq(steps, "0E0@11 0C0@20 0E1@21 0R1@30 0U-@31");
}
END_TEST

START_TEST(depth_may_jump_both_ways)
{
    feed(call(), 10);
    feed(fault(0, 60), 20); /* entries were lost */
    feed(fault(0, 1), 30);  /* the fault before was left */
    feed(fault(0, 0), 40);  /* and so was the call */
    rs_nest_end(nest, 50);
    ck_assert_str_eq(steps, "0E0@11 0E1@21 0C1@30 0E2@31 0C2@40 0C0@40 0E3@41 0C3@50");
}
END_TEST

START_TEST(vcpus_have_nothing_in_common)
{
    struct rs_event other = call(), back = sysret(1);

    other.vcpu = back.vcpu = back.entry_vcpu = 1;
    feed(call(), 10);
    feed(other, 12);
    feed(sysret(0), 14);
    feed(back, 16);
    rs_nest_end(nest, 20);
    ck_assert_str_eq(steps, "0E0@11 1E1@13 0R0@14 0U-@15 1R1@16 1U-@17 0u-@20 1u-@20");
}
END_TEST

/* The entry has the same number as one of this vCPU: it is not that one. */
START_TEST(a_thread_returns_on_another_vcpu)
{
    struct rs_event other = call(), back = sysret(1);

    other.vcpu = back.vcpu = 1;
    feed(call(), 10);
    feed(other, 12);
    feed(back, 16);
    rs_nest_end(nest, 20);
    ck_assert_str_eq(steps, "0E0@11 1E1@13 1C1@16 1S-@16 1U-@17 0C0@20 1u-@20");
}
END_TEST

START_TEST(time_never_goes_back)
{
    feed(call(), 100);
    feed(fault(0, 1), 50);
    feed(iret(1, 0), 60);
    ck_assert_uint_eq(rs_nest_time(nest, 0, 7), 101);
    ck_assert_uint_eq(rs_nest_time(nest, 1, 7), 7);
    rs_nest_end(nest, 0);
    ck_assert_str_eq(steps, "0E0@101 0E1@101 0R1@101 0C0@101");
}
END_TEST

START_TEST(depth_is_bounded)
{
    for (uint16_t depth = 0; depth < RS_NEST_DEPTH + 2; depth++)
        feed(fault(0, depth), depth);
    ck_assert_uint_eq(nest->vcpus[0].count, RS_NEST_DEPTH);
    ck_assert_ptr_nonnull(strstr(steps, "0S-@64 0S-@65"));
    rs_nest_end(nest, 100);
    ck_assert_uint_eq(nest->vcpus[0].count, 0);
}
END_TEST

/* The output of a format for a few events, of which one is a return without its entry and one
 * entry has none. */
static char *export_as(const char *format)
{
    const struct rs_export_trace trace = {
        .clock = {.tsc_hz = 1000000000},
        .emulated = true,
        .environment = "    program = \"d\\\"emo\";\n    bytes = \"\xff\";",
    };
    struct rs_event events[] = {iret(1000, 0), call(), fault(0, 1), sysret(1), call()};
    struct rs_export *export;
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    export = rs_export_begin(rs_export_find(format), &trace, file);
    ck_assert_ptr_nonnull(export);
    for (unsigned i = 0; i < ARRAY_SIZE(events); i++) {
        events[i].sequence = i;
        events[i].tsc_exit = 1000000 + i * 1234567;
        events[i].tsc_resume = events[i].tsc_exit + 1;
        rs_export_event(export, &events[i], i == 3 ? UINT64_MAX : i); /* falls again */
    }
    rs_export_end(export);
    fclose(file);
    return text;
}

static const struct {
    const char *format, *holds;
} outputs[] = {
    {"jsonl", "{\"kind\":\"HEADER\",\"schema\":1,\"emulated\":true,\"tsc_hz\":1000000000,"
              "\"environment\":{\"program\":\"d\\\"emo\",\"bytes\":\"\\ufffd\"}}\n"},
    {"jsonl", "\"time\":\"1970-01-01T00:00:00.002234567Z\",\"vcpu\":0,\"sequence\":1,"
              "\"name\":\"NtClose\""},
    {"jsonl", "\"duration_ns\":4703701}\n"},
    {"perfetto", "\"warning\":\"emulated host"},
    {"perfetto", "\"ts\":1234.568,\"cat\":\"ringscope\",\"name\":\"NtClose\""},
    {"perfetto", "\"name\":\"#PF returns without its entry\""},
    {"perfetto", "\"name\":\"#PF unfinished\""},
    {"perfetto", "\"args\":{\"unfinished\":true}"},
    {"perfetto", "\"name\":\"discarded\",\"args\":{\"events\":2}}"},
    {"perfetto", "\"name\":\"discarded\",\"args\":{\"events\":9007199254740991}}\n]}\n"},
    {"perfetto", "\n]}\n"},
    {"ftrace", "# tracer: nop\n#\n# emulated host"},
    {"ftrace", "          d_emo-1       [000] ....     0.001234: sys_enter: NR 15 (0)\n"},
    {"ftrace", "0.001234: tracing_mark_write: B|1|NtClose\n"},
    {"ftrace", "0.004938: tracing_mark_write: E|1\n"},
};

START_TEST(formats_hold_what_they_promise)
{
    char *text = export_as(outputs[_i].format), *again = export_as(outputs[_i].format);

    ck_assert_msg(strstr(text, outputs[_i].holds), "%s is not in:\n%.3000s", outputs[_i].holds,
                  text);
    ck_assert_str_eq(text, again);
    free(text);
    free(again);
}
END_TEST

START_TEST(formats_have_names)
{
    ck_assert_ptr_nonnull(rs_export_find("ftrace"));
    ck_assert_ptr_null(rs_export_find("Ftrace"));
    ck_assert_ptr_null(rs_export_find(""));
}
END_TEST

START_TEST(the_environment_is_taken_apart)
{
    static const char metadata[] = "trace {\n};\n\nenv {\n    a = \"x \\\"y\\\\;\";\n    b = 12;\n"
                                   "    broken\n    c = \"no end\n};\n\nclock {\n};\n";
    char *environment = rs_ctf_environment(metadata);
    const char *at = environment;
    struct rs_ctf_variable variable;

    ck_assert_str_eq(environment,
                     "    a = \"x \\\"y\\\\;\";\n    b = 12;\n    broken\n    c = \"no end");
    ck_assert(rs_ctf_environment_next(&at, &variable));
    ck_assert_str_eq(variable.name, "a");
    ck_assert_str_eq(variable.value, "x \"y\\;");
    ck_assert(rs_ctf_environment_next(&at, &variable));
    ck_assert_str_eq(variable.name, "b");
    ck_assert_str_eq(variable.value, "12");
    ck_assert(rs_ctf_environment_next(&at, &variable));
    ck_assert_str_eq(variable.value, "no end");
    ck_assert(!rs_ctf_environment_next(&at, &variable));
    ck_assert(rs_ctf_environment_find(environment, "b", &variable));
    ck_assert(!rs_ctf_environment_find(environment, "broken", &variable));
    ck_assert_uint_eq(variable.size, 0);
    free(environment);
    environment = rs_ctf_environment("no environment");
    ck_assert_str_eq(environment, "");
    free(environment);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("export");
    TCase *nesting = tcase_create("nesting");

    UNIT_ADD_ROWS(suite, strings_are_json_whatever_they_hold, strings);
    UNIT_ADD(suite, numbers_keep_their_bits);
    tcase_add_checked_fixture(nesting, setup, teardown);
    tcase_add_test(nesting, a_fault_nests_in_a_call);
    tcase_add_test(nesting, a_call_that_never_ends_is_cut_at_the_end);
    tcase_add_test(nesting, a_return_without_its_entry_closes_nothing_of_others);
    tcase_add_test(nesting, a_return_to_ring_3_ends_everything);
    tcase_add_test(nesting, an_entry_from_ring_3_cuts_what_was_open);
    tcase_add_test(nesting, depth_may_jump_both_ways);
    tcase_add_test(nesting, vcpus_have_nothing_in_common);
    tcase_add_test(nesting, a_thread_returns_on_another_vcpu);
    tcase_add_test(nesting, time_never_goes_back);
    tcase_add_test(nesting, depth_is_bounded);
    suite_add_tcase(suite, nesting);
    UNIT_ADD_ROWS(suite, formats_hold_what_they_promise, outputs);
    UNIT_ADD(suite, formats_have_names);
    UNIT_ADD(suite, the_environment_is_taken_apart);
    return unit_run(suite);
}
