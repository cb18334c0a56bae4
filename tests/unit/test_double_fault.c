/* SPDX-License-Identifier: MIT
 * Exceptions during delivery: serial, #DF or shutdown. Expected values: SDM Vol. 3A, "Interrupt 8 -
 * Double Fault Exception (#DF)", tables "Interrupt and Exception Classes" and "Conditions for
 * Generating a Double Fault". */
#include "fake_machine.h"
#include "unit.h"

static struct fake_machine m;

static void setup(void)
{
    fake_machine_init(&m);
}

START_TEST(classes)
{
    static const uint8_t contributory[] = {0, 10, 11, 12, 13, 21};
    enum rs_exception_class expected = RS_EXCEPTION_BENIGN;

    for (size_t i = 0; i < ARRAY_SIZE(contributory); i++)
        if (contributory[i] == _i)
            expected = RS_EXCEPTION_CONTRIBUTORY;
    if (_i == 14 || _i == 20)
        expected = RS_EXCEPTION_PAGE_FAULT;
    if (_i == 8)
        expected = RS_EXCEPTION_DOUBLE_FAULT;
    ck_assert_int_eq(rs_exception_class_of((uint8_t)_i), expected);
}
END_TEST

START_TEST(error_codes)
{
    /* #DF #TS #NP #SS #GP #PF #AC #CP; AMD's #VC and #SX. */
    static const uint8_t with[] = {8, 10, 11, 12, 13, 14, 17, 21, 29, 30};
    bool expected = false;

    for (size_t i = 0; i < ARRAY_SIZE(with); i++)
        if (with[i] == _i)
            expected = true;
    ck_assert_int_eq(rs_exception_has_error_code((uint8_t)_i), expected);
}
END_TEST

#define BENIGN RS_EXCEPTION_BENIGN
#define CONTRIBUTORY RS_EXCEPTION_CONTRIBUTORY
#define PAGE_FAULT RS_EXCEPTION_PAGE_FAULT
#define DOUBLE_FAULT RS_EXCEPTION_DOUBLE_FAULT

static const struct {
    const char *name;
    enum rs_exception_class first, second;
    enum rs_nested_action action;
} table[] = {
    {"benign, benign", BENIGN, BENIGN, RS_NESTED_SERIAL},
    {"benign, contributory", BENIGN, CONTRIBUTORY, RS_NESTED_SERIAL},
    {"benign, page fault", BENIGN, PAGE_FAULT, RS_NESTED_SERIAL},
    {"contributory, benign", CONTRIBUTORY, BENIGN, RS_NESTED_SERIAL},
    {"contributory, contributory", CONTRIBUTORY, CONTRIBUTORY, RS_NESTED_DOUBLE_FAULT},
    {"contributory, page fault", CONTRIBUTORY, PAGE_FAULT, RS_NESTED_SERIAL},
    {"page fault, benign", PAGE_FAULT, BENIGN, RS_NESTED_SERIAL},
    {"page fault, contributory", PAGE_FAULT, CONTRIBUTORY, RS_NESTED_DOUBLE_FAULT},
    {"page fault, page fault", PAGE_FAULT, PAGE_FAULT, RS_NESTED_DOUBLE_FAULT},
    {"double fault, benign", DOUBLE_FAULT, BENIGN, RS_NESTED_SERIAL},
    {"double fault, contributory", DOUBLE_FAULT, CONTRIBUTORY, RS_NESTED_SHUTDOWN},
    {"double fault, page fault", DOUBLE_FAULT, PAGE_FAULT, RS_NESTED_SHUTDOWN},
};

START_TEST(conditions)
{
    assert_row_eq(table[_i].name, rs_nested_action_of(table[_i].first, table[_i].second),
                  table[_i].action);
}
END_TEST

/* The gate of `vector` raises, when used, what the classes call contributory: #NP. */
static void break_gate(uint8_t vector)
{
    m.idt[vector][0] &= ~(UINT64_C(1) << 47);
}

/* The gate of `vector` raises #PF, by a stack that is not mapped. */
static void break_stack(uint8_t vector)
{
    m.idt[vector][0] |= UINT64_C(7) << 32;
    fake_machine_unmap(&m, FAKE_IST(7) - 8);
}

static struct rs_cause exception(uint8_t vector)
{
    return (struct rs_cause){.kind = RS_CAUSE_EXCEPTION,
                             .vector = vector,
                             .has_error_code = rs_exception_has_error_code(vector),
                             .error_code = 0x99,
                             .cr2 = 0x1234};
}

static void check_double_fault(void)
{
    ck_assert_int_eq(m.result.outcome, RS_MODEL_FAULT);
    ck_assert_uint_eq(m.result.fault_vector, 8);
    ck_assert_uint_eq(m.result.vector, 8);
    ck_assert_uint_eq(m.result.ist, 1);
    ck_assert_uint_eq(m.result.fault_has_error_code, 1);
    ck_assert_uint_eq(m.result.fault_error_code, 0);
    ck_assert_uint_eq(m.result.frame_count, 6);
    ck_assert_uint_eq(m.result.frame_gva, FAKE_IST(1) - 6 * 8);
    ck_assert_uint_eq(m.result.frame[0], 0);
    /* #DF is an abort: RF as it was. */
    ck_assert_uint_eq(m.result.frame[3], m.state.rflags);
    ck_assert_uint_eq(m.result.after.rip, FAKE_HANDLER(8));
}

START_TEST(benign_then_contributory_is_serial)
{
    break_gate(RS_VECTOR_UD);
    fake_machine_run(&m, exception(RS_VECTOR_UD));
    ck_assert_int_eq(m.result.outcome, RS_MODEL_FAULT);
    ck_assert_uint_eq(m.result.fault_vector, 11);
    /* 8 * 6 + IDT + EXT: the gate of #UD, raised by an earlier exception. */
    ck_assert_uint_eq(m.result.fault_error_code, 0x33);
}
END_TEST

START_TEST(contributory_then_page_fault_is_serial)
{
    break_stack(RS_VECTOR_GP);
    fake_machine_run(&m, exception(RS_VECTOR_GP));
    ck_assert_int_eq(m.result.outcome, RS_MODEL_FAULT);
    ck_assert_uint_eq(m.result.fault_vector, 14);
    /* A write (W) by the processor itself (U = 0) to a page that is not present (P = 0). */
    ck_assert_uint_eq(m.result.fault_error_code, 2);
    /* The first push is SS, at the top. */
    ck_assert_uint_eq(m.result.after.cr2, FAKE_IST(7) - 8);
}
END_TEST

START_TEST(contributory_twice_is_a_double_fault)
{
    break_gate(RS_VECTOR_GP);
    fake_machine_run(&m, exception(RS_VECTOR_GP));
    check_double_fault();
}
END_TEST

START_TEST(page_fault_then_contributory_is_a_double_fault)
{
    break_gate(RS_VECTOR_PF);
    fake_machine_run(&m, exception(RS_VECTOR_PF));
    check_double_fault();
    ck_assert_uint_eq(m.result.after.cr2, 0x1234);
}
END_TEST

START_TEST(page_fault_twice_is_a_double_fault)
{
    break_stack(RS_VECTOR_PF);
    fake_machine_run(&m, exception(RS_VECTOR_PF));
    check_double_fault();
    /* The second #PF has left its address. */
    ck_assert_uint_eq(m.result.after.cr2, FAKE_IST(7) - 8);
}
END_TEST

/* A first event of these kinds is benign, whatever exception has its vector. */
static const struct {
    const char *name;
    struct rs_cause cause;
} benign_events[] = {
    {"INT 8", {.kind = RS_CAUSE_INT_N, .vector = 8, .length = 2}},
    {"INT 0Eh", {.kind = RS_CAUSE_INT_N, .vector = 14, .length = 2}},
    {"interrupt 0Dh", {.kind = RS_CAUSE_INTERRUPT, .vector = 13}},
};

START_TEST(events_are_benign)
{
    fake_machine_enter_kernel(&m);
    break_gate(benign_events[_i].cause.vector);
    fake_machine_run(&m, benign_events[_i].cause);
    assert_row_eq(benign_events[_i].name, m.result.outcome, RS_MODEL_FAULT);
    assert_row_eq(benign_events[_i].name, m.result.fault_vector, 11);
}
END_TEST

/* A bad kernel stack: #UD, then #PF at the push, #PF again, #DF on its IST. */
START_TEST(bad_kernel_stack_is_a_double_fault)
{
    fake_machine_enter_kernel(&m);
    m.state.gpr[RS_RSP] = 0x666;
    fake_machine_run(&m, exception(RS_VECTOR_UD));
    check_double_fault();
    ck_assert_uint_eq(m.result.frame[4], 0x666);
    ck_assert_uint_eq(m.result.after.cr2, 0x658);
}
END_TEST

/* The longest chain: INT n, #NP, #PF, #DF, shutdown. All its steps are kept. */
START_TEST(longest_chain_shuts_down)
{
    const struct rs_model_step *last;

    fake_machine_set_gate(&m, 0x80, 0x6e00, KGDT64_R0_CODE, 0);
    break_stack(RS_VECTOR_NP);
    break_gate(RS_VECTOR_PF);
    break_gate(RS_VECTOR_DF);
    m.state.cr2 = 5;
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INT_N, .vector = 0x80, .length = 2});

    ck_assert_int_eq(m.result.outcome, RS_MODEL_SHUTDOWN);
    ck_assert_uint_eq(m.result.fault_vector, 0);
    ck_assert_uint_eq(m.result.after.rip, FAKE_USER_RIP);
    ck_assert_uint_eq(m.result.after.cr2, 5);
    ck_assert_uint_lt(m.result.step_count, RS_MODEL_STEPS_MAX);
    last = &m.result.steps[m.result.step_count - 1];
    ck_assert_str_eq(last->text, "shutdown: an exception while #DF was delivered");
    ck_assert_uint_eq(last->value, 11);
}
END_TEST

START_TEST(no_idt_shuts_down)
{
    m.state.idt.limit = 0;
    fake_machine_run(&m, exception(RS_VECTOR_UD));
    ck_assert_int_eq(m.result.outcome, RS_MODEL_SHUTDOWN);
}
END_TEST

/* Unmapped tables: #PF with CR2 at the bytes that are missing, as the processor's own read. */
static const struct {
    const char *name;
    uint64_t page;
    uint64_t cr2;
} unmapped[] = {
    {"IDT", FAKE_IDT, FAKE_IDT + 16 * 8}, /* the last gate to be looked for is that of #DF */
    {"GDT", FAKE_GDT, FAKE_GDT + KGDT64_R0_CODE},
    {"TSS", FAKE_TSS, FAKE_TSS + TSS64_IST1},
};

START_TEST(unmapped_tables_shut_down)
{
    const struct rs_model_step *step = NULL;

    fake_machine_unmap(&m, unmapped[_i].page);
    fake_machine_run(&m, exception(RS_VECTOR_UD));
    assert_row_eq(unmapped[_i].name, m.result.outcome, RS_MODEL_SHUTDOWN);
    for (unsigned i = 0; i < m.result.step_count; i++)
        if (strcmp(m.result.steps[i].text, "CR2 <- address of the access") == 0)
            step = &m.result.steps[i];
    ck_assert_ptr_nonnull(step);
    assert_row_eq(unmapped[_i].name, step->value, unmapped[_i].cr2);
}
END_TEST

/* A part of each table is missing, but what delivers #PF is there: serial, at the missing bytes, an
 * access of the processor's own (error code 0). */
static const struct {
    const char *name;
    enum fake_region_index region;
    uint64_t size; /* that is left of it */
    uint64_t cr2;
} partial[] = {
    {"IDT", FAKE_REGION_IDT, 16 * 0x80, FAKE_IDT + 16 * 0x80},
    {"GDT", FAKE_REGION_GDT, FAKE_SEL_R0_CONFORMING, FAKE_GDT + FAKE_SEL_R0_CONFORMING},
    {"TSS", FAKE_REGION_TSS, TSS64_IST1 + 8 * 6, FAKE_TSS + TSS64_IST1 + 8 * 6},
};

START_TEST(missing_parts_are_page_faults)
{
    const char *name = partial[_i].name;
    uint16_t selector =
        partial[_i].region == FAKE_REGION_GDT ? FAKE_SEL_R0_CONFORMING : KGDT64_R0_CODE;

    fake_machine_set_gate(&m, 0x80, 0x8e07, selector, FAKE_HANDLER(0x80));
    m.regions[partial[_i].region].size = partial[_i].size;
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INTERRUPT, .vector = 0x80});
    assert_row_eq(name, m.result.outcome, RS_MODEL_FAULT);
    assert_row_eq(name, m.result.fault_vector, 14);
    assert_row_eq(name, m.result.fault_error_code, 0);
    assert_row_eq(name, m.result.after.cr2, partial[_i].cr2);
}
END_TEST

/* Only the lowest quadword of the frame is missing: the last push faults. */
START_TEST(every_quadword_is_pushed)
{
    fake_machine_enter_kernel(&m);
    fake_machine_set_gate(&m, 14, 0x8e06, KGDT64_R0_CODE, FAKE_HANDLER(14));
    m.state.gpr[RS_RSP] = FAKE_KERNEL_STACK - PAGE_SIZE + 32;
    fake_machine_run(&m, exception(RS_VECTOR_UD));
    ck_assert_uint_eq(m.result.fault_vector, 14);
    ck_assert_uint_eq(m.result.fault_error_code, 2);
    ck_assert_uint_eq(m.result.after.cr2, FAKE_KERNEL_STACK - PAGE_SIZE - 8);
}
END_TEST

/* A gate across two pages, the second not mapped: CR2 is the second page's first byte. */
START_TEST(cr2_is_the_missing_page)
{
    m.regions[FAKE_REGION_IDT].gva = FAKE_IDT - 8; /* the IDT's region */
    m.state.idt.base = FAKE_IDT - 8 - 16 * 0x20;
    m.regions[FAKE_REGION_IDT].bytes = (uint8_t *)m.idt + 16 * 0x20;
    m.regions[FAKE_REGION_IDT].size = 8;
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INTERRUPT, .vector = 0x20});
    ck_assert_int_eq(m.result.outcome, RS_MODEL_SHUTDOWN);
    ck_assert_str_eq(m.result.steps[1].text, "#PF: the memory is not mapped");
    ck_assert_uint_eq(m.result.steps[1].value, 0);
    ck_assert_uint_eq(m.result.steps[2].value, FAKE_IDT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("double-fault");
    TCase *tests = tcase_create("double-fault");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_loop_test(tests, classes, 0, 256);
    tcase_add_loop_test(tests, error_codes, 0, 256);
    tcase_add_loop_test(tests, conditions, 0, ARRAY_SIZE(table));
    tcase_add_test(tests, benign_then_contributory_is_serial);
    tcase_add_test(tests, contributory_then_page_fault_is_serial);
    tcase_add_test(tests, contributory_twice_is_a_double_fault);
    tcase_add_test(tests, page_fault_then_contributory_is_a_double_fault);
    tcase_add_test(tests, page_fault_twice_is_a_double_fault);
    tcase_add_loop_test(tests, events_are_benign, 0, ARRAY_SIZE(benign_events));
    tcase_add_test(tests, bad_kernel_stack_is_a_double_fault);
    tcase_add_test(tests, longest_chain_shuts_down);
    tcase_add_test(tests, no_idt_shuts_down);
    tcase_add_loop_test(tests, unmapped_tables_shut_down, 0, ARRAY_SIZE(unmapped));
    tcase_add_loop_test(tests, missing_parts_are_page_faults, 0, ARRAY_SIZE(partial));
    tcase_add_test(tests, every_quadword_is_pushed);
    tcase_add_test(tests, cr2_is_the_missing_page);
    suite_add_tcase(suite, tests);
    return unit_run(suite);
}
