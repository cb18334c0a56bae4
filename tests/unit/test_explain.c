/* SPDX-License-Identifier: MIT
 * What marks tell, lines that use it, and explanations: of fabricated events. */
#include "explain/explain.h"
#include "trace/text.h"
#include "unit.h"

#include <ringscope/layout.h>
#include <ringscope/x86/cpu.h>
#include <ringscope/x86/msr.h>
#include <ringscope/x86/vectors.h>

#define IDT 0x1000
#define GDT 0x2000
#define TSS 0x3000
#define HANDLER UINT64_C(0xfffff80000004000)
#define RSP0 UINT64_C(0xfffff80000009000)

static struct rs_told told;
static struct rs_explained explained;

static const struct rs_event state = {.kind = RS_EVENT_STATE,
                                      .star = UINT64_C(0x0023001000000000),
                                      .lstar = HANDLER,
                                      .fmask = RFLAGS_IF,
                                      .efer = EFER_LME | EFER_LMA | EFER_SCE,
                                      .cr0 = CR0_PE | CR0_PG,
                                      .cr4 = CR4_PAE,
                                      .gdt_base = GDT,
                                      .gdt_limit = 0x57,
                                      .idt_base = IDT,
                                      .idt_limit = 0xfff,
                                      .tr_base = TSS,
                                      .tr_limit = 0x67,
                                      .tr_selector = 0x40};

static const struct rs_event fault = {.kind = RS_EVENT_EXCEPTION,
                                      .vector = RS_VECTOR_PF,
                                      .gate_type = DESC_TYPE_INTERRUPT_GATE,
                                      .flags = RS_EVENT_HAS_ERROR_CODE,
                                      .error_code = PF_ERROR_U,
                                      .cr2 = 0x7000,
                                      .from_cpl = 3,
                                      .from_cs = KGDT64_R3_CODE | 3,
                                      .from_ss = KGDT64_R3_DATA | 3,
                                      .from_rip = 0x401000,
                                      .from_rsp = 0x7ff0,
                                      .from_rflags = RFLAGS_FIXED | RFLAGS_IF};

static void tell(uint64_t gva, const void *bytes, size_t size)
{
    struct rs_event event = {.kind = RS_EVENT_MEMORY, .value = gva};

    event.data_size = (uint8_t)size;
    memcpy(event.data, bytes, size);
    rs_told_mark(&told, &event);
}

static void tell_tables(void)
{
    uint64_t gate[2] = {(uint64_t)0x8e00 << 32 | KGDT64_R0_CODE << 16, 0};
    uint64_t code0 = UINT64_C(0x00209b0000000000), rsp0 = RSP0;

    rs_gate_set_offset(gate, HANDLER);
    rs_told_mark(&told, &state);
    tell(IDT + 16 * RS_VECTOR_PF, gate, sizeof(gate));
    tell(GDT + KGDT64_R0_CODE, &code0, sizeof(code0));
    tell(TSS + TSS64_RSP0, &rsp0, sizeof(rsp0));
}

START_TEST(a_fault_is_explained_from_what_was_told)
{
    memset(&told, 0, sizeof(told));
    tell_tables();
    ck_assert(rs_explain(&fault, &told, &explained));
    ck_assert(!explained.is_missing);
    ck_assert_int_eq(explained.model.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(explained.model.after.rip, HANDLER);
    ck_assert_uint_eq(explained.model.after.gpr[RS_RSP], RSP0 - 6 * 8);
    ck_assert_uint_eq(explained.model.frame[0], PF_ERROR_U);
    ck_assert_uint_eq(explained.model.frame[1], fault.from_rip);
    ck_assert_uint_gt(explained.model.step_count, 8);
}
END_TEST

START_TEST(what_was_not_told_is_named)
{
    memset(&told, 0, sizeof(told));
    ck_assert(!rs_explain(&fault, &told, &explained)); /* no registers */
    rs_told_mark(&told, &state);
    ck_assert(rs_explain(&fault, &told, &explained));
    ck_assert(explained.is_missing);
    ck_assert_uint_eq(explained.missing, IDT + 16 * RS_VECTOR_PF);
}
END_TEST

START_TEST(returns_pop_what_the_event_tells)
{
    struct rs_event back = {.kind = RS_EVENT_IRET,
                            .from_cs = KGDT64_R0_CODE,
                            .to_rip = 0x401000,
                            .to_cs = KGDT64_R3_CODE | 3,
                            .to_ss = KGDT64_R3_DATA | 3,
                            .to_rflags = RFLAGS_FIXED | RFLAGS_IF,
                            .to_rsp = 0x7ff0};
    uint64_t code3 = UINT64_C(0x0020fb0000000000), data3 = UINT64_C(0x00cff3000000ffff);

    memset(&told, 0, sizeof(told));
    tell_tables();
    tell(GDT + KGDT64_R3_CODE, &code3, sizeof(code3));
    tell(GDT + KGDT64_R3_DATA, &data3, sizeof(data3));
    ck_assert(rs_explain(&back, &told, &explained));
    ck_assert_int_eq(explained.model.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(explained.model.after.rip, back.to_rip);
    ck_assert_uint_eq(explained.model.after.gpr[RS_RSP], back.to_rsp);
    ck_assert_uint_eq(explained.model.after.cpl, 3);
}
END_TEST

START_TEST(syscall_needs_no_table)
{
    struct rs_event call = {.kind = RS_EVENT_SYSCALL,
                            .from_cs = KGDT64_R3_CODE | 3,
                            .from_cpl = 3,
                            .from_rip = 0x401000,
                            .from_rsp = 0x7ff0,
                            .from_rflags = RFLAGS_FIXED | RFLAGS_IF};

    memset(&told, 0, sizeof(told));
    rs_told_mark(&told, &state);
    ck_assert(rs_explain(&call, &told, &explained));
    ck_assert(!explained.is_missing);
    ck_assert_uint_eq(explained.model.after.rip, HANDLER);
    ck_assert_uint_eq(explained.model.after.gpr[RS_RCX], call.from_rip + 2);
    ck_assert_uint_eq(explained.model.after.gpr[RS_RSP], call.from_rsp);
    ck_assert_uint_eq(explained.model.after.rflags, RFLAGS_FIXED);
}
END_TEST

START_TEST(an_address_that_lost_its_place_is_not_told)
{
    uint8_t first[8] = {1}, second[8] = {2}, out[8];
    uint64_t other = 0;

    memset(&told, 0, sizeof(told));
    tell(0x1000, first, sizeof(first));
    for (uint64_t gva = 0x1008; rs_told_read(&told, 0x1000, out, 8); gva += 8)
        tell(other = gva, second, sizeof(second));
    ck_assert(rs_told_read(&told, other, out, 8));
    ck_assert_mem_eq(out, second, 8);
    ck_assert(!rs_told_read(&told, other, out, 8 + 1) || other + 8 == 0x1000);
}
END_TEST

static char *lines_of(const struct rs_event *events, size_t count, bool marks)
{
    struct rs_text text = {.told = &told, .marks = marks, .clock = {.tsc_hz = 1000000000}};
    char *lines = NULL;
    size_t size;

    memset(&told, 0, sizeof(told));
    text.file = open_memstream(&lines, &size);
    for (size_t i = 0; i < count; i++)
        rs_text_event(&text, &events[i]);
    rs_text_end(&text);
    fclose(text.file);
    return lines;
}

#define ARGUMENT(i, bytes)                                                                         \
    {                                                                                              \
        .kind = RS_EVENT_MEMORY, .purpose = RS_PURPOSE_ARGUMENT, .index = (i),                     \
        .data_size = sizeof(bytes) - 1, .data = bytes                                              \
    }

START_TEST(arguments_are_shown_once)
{
    static const struct rs_event events[] = {
        ARGUMENT(5, "a\"\n"),
        ARGUMENT(5, "\x01z"), /* in two parts */
        {.kind = RS_EVENT_SYSCALL, .code = 0x08, .args = {4, 0, 0, 0, 0x10, 0x20, 9}},
        {.kind = RS_EVENT_SYSRET, .entry_kind = RS_EVENT_SYSCALL, .entry_code = 0x08},
        {.kind = RS_EVENT_SYSCALL, .sequence = 7, .code = 0x08, .args = {4, 0, 0, 0, 0, 0x20, 9}},
    };
    char *lines = lines_of(events, ARRAY_SIZE(events), false);

    ck_assert_str_eq(lines,
                     "SYSCALL NtWriteFile(0x4, 0, NULL, NULL, 0x10, \"a\\\"\\n\\x01z\"..., 9, "
                     "NULL, NULL)\n"
                     "SYSRET  NtWriteFile = STATUS_SUCCESS\n"
                     "SYSCALL NtWriteFile(0x4, 0, NULL, NULL, NULL, 0x20, 9, NULL, NULL)\n"
                     "SYSRET  NtWriteFile = ? <unfinished ...>\n");
    free(lines);
}
END_TEST

START_TEST(marks_have_lines_of_their_own)
{
    static const struct rs_event events[] = {
        {.kind = RS_EVENT_START, .code = RS_VENDOR_AMD, .value = 77},
        {.kind = RS_EVENT_CR3, .cr3 = 0x2000, .value = 0x1000},
        {.kind = RS_EVENT_CONSOLE, .data_size = 3, .data = "a\n\""},
        {.kind = RS_EVENT_DEVIATION,
         .code = RS_DEVIATION_BIT_CS,
         .entry_kind = RS_EVENT_SYSCALL,
         .expected = 0x10,
         .actual = 0x33},
        {.kind = RS_EVENT_EXIT, .code = 0xf4, .value = 1},
        {.kind = RS_EVENT_DISARM},
        {.kind = RS_EVENT_STOP, .code = RS_STOP_TIMEOUT},
        {.kind = RS_EVENT_LOST, .value = 3},
    };
    char *lines = lines_of(events, ARRAY_SIZE(events), true);

    ck_assert_str_eq(lines, "START   AMD rules, empty span 77 ticks\n"
                            "CR3     0x2000 (was 0x1000)\n"
                            "CONSOLE \"a\\n\\x22\"\n"
                            "DEPARTS CS in SYSCALL: CS after the transition; expected 0x10, got "
                            "0x33\n"
                            "EXIT    port 0xf4 = 0x1\n"
                            "DISARM  all hooks\n"
                            "STOP    TIMEOUT 0\n"
                            "LOST    3 events\n");
    free(lines);
    lines = lines_of(events, ARRAY_SIZE(events), false);
    ck_assert_str_eq(lines, "");
    free(lines);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("explain");

    UNIT_ADD(suite, a_fault_is_explained_from_what_was_told);
    UNIT_ADD(suite, what_was_not_told_is_named);
    UNIT_ADD(suite, returns_pop_what_the_event_tells);
    UNIT_ADD(suite, syscall_needs_no_table);
    UNIT_ADD(suite, an_address_that_lost_its_place_is_not_told);
    UNIT_ADD(suite, arguments_are_shown_once);
    UNIT_ADD(suite, marks_have_lines_of_their_own);
    return unit_run(suite);
}
