/* SPDX-License-Identifier: MIT
 * What becomes of fabricated events: lines, stacks, what came by the way, what departs. */
#include "suite/lines.h"
#include "suite/transitions.h"
#include "unit.h"

#include <ringscope/x86/vectors.h>

#define TSS 0xfffff80140010000
#define RSP0 0x9000u
#define IST4 0xa000u
#define DISPATCHER 0x140000100

static struct rs_told *told;
static struct rs_transitions transitions;
static uint64_t sequence;

static void tell(unsigned vcpu, uint64_t tr_base, unsigned offset, uint64_t top)
{
    struct rs_event state = {.kind = RS_EVENT_STATE, .tr_base = tr_base};
    struct rs_event memory = {.kind = RS_EVENT_MEMORY,
                              .purpose = RS_PURPOSE_TABLE,
                              .value = tr_base + offset,
                              .data_size = 8};

    memcpy(memory.data, &top, 8);
    rs_told_mark(&told[vcpu], &state);
    rs_told_mark(&told[vcpu], &memory);
}

static void setup(void)
{
    told = calloc(2, sizeof(*told));
    transitions = (struct rs_transitions){.told = told, .cpu_count = 2};
    sequence = 0;
    tell(0, TSS, 4, RSP0);
    tell(0, TSS, 0x24 + 8 * 3, IST4);
}

static void teardown(void)
{
    rs_transitions_free(&transitions);
    free(told);
}

static struct rs_event event(uint16_t kind)
{
    return (struct rs_event){.kind = kind,
                             .sequence = ++sequence,
                             .from_cs = 0x33,
                             .from_rip = 0x140001000,
                             .from_rsp = 0x7000,
                             .gate_type = 0xe};
}

static void take(struct rs_event taken)
{
    rs_transitions_take(&transitions, &taken);
}

static struct rs_event fault(uint8_t vector, uint64_t to_rsp)
{
    struct rs_event made = event(RS_EVENT_EXCEPTION);

    made.vector = vector;
    made.to_rsp = to_rsp;
    return made;
}

/* The return of the event before. */
static struct rs_event give_back(uint8_t vector)
{
    struct rs_event made = event(RS_EVENT_IRET);

    made.vector = vector;
    made.entry_kind = RS_EVENT_EXCEPTION;
    made.entry_sequence = sequence - 1;
    made.to_rip = DISPATCHER;
    made.to_cs = 0x33;
    made.to_rflags = 0x202;
    made.to_rsp = 0x7000;
    return made;
}

static void mark(bool begins)
{
    struct rs_event made = event(RS_EVENT_SYSCALL);

    made.code = RS_MARK_SERVICE;
    made.args[0] = RS_MARK_MAGIC;
    made.args[1] = 7;
    made.args[2] = begins;
    made.args[3] = DISPATCHER;
    take(made);
    made = event(RS_EVENT_SYSRET);
    made.entry_kind = RS_EVENT_SYSCALL;
    made.entry_code = RS_MARK_SERVICE;
    made.entry_sequence = sequence - 1;
    take(made);
}

/* Part 7 against lines. */
static void assert_lines(const char *expected)
{
    const struct rs_part *part = rs_transitions_part(&transitions, 7);
    char *got = NULL, *difference = NULL;
    size_t size;
    FILE *out = open_memstream(&got, &size);
    FILE *differs = open_memstream(&difference, &size);
    int same;

    ck_assert_ptr_nonnull(part);
    rs_transitions_write(&transitions, part, out);
    fclose(out);
    same = rs_lines_compare(expected, got, differs);
    fclose(differs);
    ck_assert_msg(same == 1, "%s", difference);
    free(got);
    free(difference);
}

START_TEST(dispatched)
{
    struct rs_event gp, back;

    setup();
    mark(true);
    take(fault(RS_VECTOR_UD, RSP0 - 40));
    take(give_back(RS_VECTOR_UD));
    gp = fault(RS_VECTOR_GP, RSP0 - 48);
    gp.flags = RS_EVENT_HAS_ERROR_CODE;
    gp.error_code = 0x10;
    take(gp);
    back = give_back(RS_VECTOR_GP);
    back.to_rip = 0x140001002;
    take(back);
    mark(false);
    take(fault(RS_VECTOR_DE, RSP0 - 40));
    assert_lines("EXC #UD from 3 on RSP0\nIRET #UD to dispatcher\n"
                 "EXC #GP(0x10) from 3 on RSP0\nIRET #GP to 3\n");
    teardown();
}
END_TEST

START_TEST(stacks_are_told_by_the_frame)
{
    struct rs_event ring0;

    setup();
    mark(true);
    take(fault(RS_VECTOR_DB, IST4 - 40));
    ring0 = fault(RS_VECTOR_UD, 0x7000 - 40);
    ring0.from_cs = 0x10;
    take(ring0);
    take(fault(RS_VECTOR_UD, RSP0 - 48));
    assert_lines("EXC #DB from 3 on IST4\nEXC #UD from 0 on same\n"
                 "EXC #UD from 3 on 0x8fd0, which is no stack of the TSS\n");
    teardown();
}
END_TEST

START_TEST(other_vcpus_are_left_out)
{
    struct rs_event made;

    setup();
    tell(1, TSS + 0x100, 4, RSP0 + 0x1000);
    mark(true);
    take(fault(RS_VECTOR_UD, RSP0 - 40));
    made = event(RS_EVENT_NMI);
    made.vcpu = 1;
    take(made);
    made = give_back(RS_VECTOR_UD); /* the thread goes on elsewhere */
    made.entry_sequence--;
    made.vcpu = 1;
    take(made);
    made = fault(RS_VECTOR_UD, RSP0 + 0x1000 - 40);
    made.vcpu = 1;
    take(made);
    take(fault(RS_VECTOR_UD, RSP0 - 40));
    assert_lines("EXC #UD from 3 on RSP0\nIRET #UD to dispatcher\nEXC #UD from 3 on RSP0\n");
    teardown();
}
END_TEST

static void page_fault(uint64_t to_rip)
{
    struct rs_event made = fault(RS_VECTOR_PF, RSP0 - 48);

    made.flags = RS_EVENT_HAS_ERROR_CODE;
    made.error_code = 4;
    take(made);
    made = give_back(RS_VECTOR_PF);
    made.to_rip = to_rip;
    take(made);
}

START_TEST(served_page_faults_come_by_the_way)
{
    setup();
    mark(true);
    page_fault(0x140001000);
    assert_lines("none");
    assert_lines("EXC #PF(0x4) from 3 on RSP0\nIRET #PF to restart");
    teardown();
}
END_TEST

START_TEST(page_faults_of_the_program_do_not)
{
    struct rs_event interrupt;

    setup();
    mark(true);
    page_fault(DISPATCHER);
    interrupt = event(RS_EVENT_INTERRUPT);
    interrupt.vector = 0xd1;
    take(interrupt);
    interrupt = give_back(0xd1);
    interrupt.entry_kind = RS_EVENT_INTERRUPT;
    take(interrupt);
    assert_lines("# a comment\nEXC #PF(0x4) from 3 on RSP0\n\n IRET #PF to dispatcher");
    teardown();
}
END_TEST

static const struct {
    uint32_t deviation, flags, known;
    const char *line;
} departures[] = {
    {RS_DEVIATION_RFLAGS, 0, 0, "SYSCALL NtClose from 3 departs: RFLAGS"},
    {RS_DEVIATION_RFLAGS, 0, 1, "SYSCALL NtClose from 3"},
    {RS_DEVIATION_CS | RS_DEVIATION_SS, 0, 1, "SYSCALL NtClose from 3 departs: CS, SS"},
    {RS_DEVIATION_SYSCALL_CPL, RS_EVENT_REPAIRED, 0, "SYSCALL NtClose from 3"},
};

START_TEST(departures_that_are_not_known_are_told)
{
    struct rs_event made = event(RS_EVENT_SYSCALL);

    setup();
    made.code = 0xf;
    made.deviations = departures[_i].deviation;
    made.flags = departures[_i].flags;
    transitions.departures = departures[_i].known;
    mark(true);
    take(made);
    assert_lines(departures[_i].line);
    teardown();
}
END_TEST

START_TEST(ring0_marks_by_its_console)
{
    struct rs_event made;

    setup();
    rs_transitions_console(&transitions, 0, "x\n# trace 7 beg", 15);
    rs_transitions_console(&transitions, 0, "ins\n", 4);
    made = event(RS_EVENT_WRMSR);
    made.code = 0xc0000082;
    take(made);
    rs_transitions_console(&transitions, 0, "# trace 7 ends\n", 15);
    take(made);
    assert_lines("WRMSR LSTAR");
    teardown();
}
END_TEST

static const struct {
    const char *expected, *got, *difference;
} differences[] = {
    {"any", " a\n", ""},
    {"none", "", ""},
    {"none", " a\n", "--- expected\n+++ traced\n@@ -1 +1 @@\n+a\n"},
    {"a\nb\nc\n", " a\n c\n", "--- expected\n+++ traced\n@@ -1 +1 @@\n a\n-b\n c\n"},
    {"a\nb\nc\nd\n", " a\n x\n c\n y\n d\n",
     "--- expected\n+++ traced\n@@ -1 +1 @@\n a\n-b\n+x\n c\n+y\n d\n"},
    {"1\n2\n3\n4\n5\n", " 1\n 2\n 3\n 4\n",
     "--- expected\n+++ traced\n@@ -2 +2 @@\n 2\n 3\n 4\n-5\n"},
    {"a\n", " a\niIRQ CLOCK from 0 on same\niIRET CLOCK to 0\n", ""},
    {"IRQ CLOCK from 0 on same\n", "iIRQ CLOCK from 0 on same\n", ""},
};

START_TEST(differences_are_shown)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int same = rs_lines_compare(differences[_i].expected, differences[_i].got, out);

    fclose(out);
    ck_assert_str_eq(text, differences[_i].difference);
    ck_assert_int_eq(same, differences[_i].difference[0] == '\0');
    free(text);
}
END_TEST

static const char *const goldens[] = {
    " a\niIRQ CLOCK from 0 on same\n b\n",
    (" EXC #PF(0x4) from 3 on RSP0\n IRET #PF to dispatcher\npEXC #PF(0x6) from 3 on RSP0\n"
     "pIRET #PF to restart\n"),
    "pEXC #PF(0x6) from 3 on RSP0\npIRET #PF to restart\n",
    "",
};

/* What is written is what the same trace is held against the next time. */
START_TEST(golden_files_hold)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    rs_lines_put_golden(goldens[_i], out);
    fclose(out);
    ck_assert_int_eq(rs_lines_compare(text, goldens[_i], stderr), 1);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("transitions");

    UNIT_ADD(suite, dispatched);
    UNIT_ADD(suite, stacks_are_told_by_the_frame);
    UNIT_ADD(suite, other_vcpus_are_left_out);
    UNIT_ADD(suite, served_page_faults_come_by_the_way);
    UNIT_ADD(suite, page_faults_of_the_program_do_not);
    UNIT_ADD_ROWS(suite, departures_that_are_not_known_are_told, departures);
    UNIT_ADD(suite, ring0_marks_by_its_console);
    UNIT_ADD_ROWS(suite, differences_are_shown, differences);
    UNIT_ADD_ROWS(suite, golden_files_hold, goldens);
    return unit_run(suite);
}
