/* SPDX-License-Identifier: MIT
 * Deliveries that raise an exception: which one, and its error code. The order and the codes are
 * those of SDM Vol. 2A, "INT n/INTO/INT3/INT1", Operation, IA-32e-MODE and what follows it. */
#include "fake_machine.h"
#include "unit.h"

static struct fake_machine m;

static void setup(void)
{
    fake_machine_init(&m);
}

/*
 * Each row spoils one thing for vector 0x80 (a DPL 3 gate) and delivers it twice: as INT 80h, where
 * EXT is 0, and as an interrupt, where EXT is 1. error: as the SDM's error_code(num, idt, 0); the
 * vector form is 8 * 80h + 2 = 402h. Both raise the same exception, which is then delivered: the
 * outcome is FAULT, the frame that of the exception.
 */
enum spoil {
    IDT_LIMIT,
    IDT_LIMIT_INSIDE,
    IDT_CANONICAL,
    IDT_CANONICAL_END,
    GATE_TYPE,
    GATE_SYSTEM,
    GATE_ABSENT,
    SELECTOR,
    GDT_CANONICAL,
    GDT_CANONICAL_END,
    LDT_NULL,
    RIP_CANONICAL,
    TSS_LIMIT,
    TSS_CANONICAL,
    TSS_CANONICAL_END,
    IST_LIMIT,
    RSP0_CANONICAL,
    FRAME_CANONICAL,
};

static void set_gate(uint16_t attributes, uint64_t selector)
{
    fake_machine_set_gate(&m, 0x80, attributes, (uint16_t)selector, FAKE_HANDLER(0x80));
}

/* Moves the GDT so that the handler's descriptor is at `address`; those of NT go with it. */
static void move_gdt(uint64_t address)
{
    m.state.gdt.base = address - KGDT64_R0_CODE;
}

static void spoil(enum spoil what, uint64_t value)
{
    set_gate(0xee00, KGDT64_R0_CODE);
    switch (what) {
    case IDT_LIMIT: /* exactly one byte of the gate is missing */
        m.state.idt.limit = 0x80 * 16 + 14;
        break;
    case IDT_LIMIT_INSIDE:
        m.state.idt.limit = 0x80 * 16;
        break;
    case IDT_CANONICAL: /* #GP and #DF gates are below the hole, 0x80 starts in it */
        m.state.idt.base = 0x0000800000000000 - 0x80 * 16;
        break;
    case IDT_CANONICAL_END: /* its last byte alone is in the hole */
        m.state.idt.base = 0x0000800000000000 - 0x80 * 16 - 15;
        break;
    case GATE_TYPE:
        set_gate((uint16_t)(0xe000 | value << 8), KGDT64_R0_CODE);
        break;
    case GATE_SYSTEM: /* bit 44 */
        set_gate(0xfe00, KGDT64_R0_CODE);
        break;
    case GATE_ABSENT:
        set_gate(0x6e00, KGDT64_R0_CODE);
        break;
    case SELECTOR:
        set_gate(0xee00, value);
        break;
    case GDT_CANONICAL:
        move_gdt(0x0000800000000000);
        break;
    case GDT_CANONICAL_END:
        move_gdt(0x0000800000000000 - 7);
        break;
    case LDT_NULL:
        m.state.ldt_base = 0;
        m.state.ldt_limit = 0;
        set_gate(0xee00, FAKE_SEL_LDT_CODE);
        break;
    case RIP_CANONICAL:
        fake_machine_set_gate(&m, 0x80, 0xee00, KGDT64_R0_CODE, 0x0000800000000000);
        break;
    case TSS_LIMIT: /* RSP0 is at 4..11 */
        m.state.tr.limit = 10;
        break;
    case TSS_CANONICAL:
        m.state.tr.base = 0x0000800000000000 - 4;
        break;
    case TSS_CANONICAL_END:
        m.state.tr.base = 0x0000800000000000 - 11;
        break;
    case IST_LIMIT: /* IST7 is at 54h..5Bh */
        set_gate(0xee07, KGDT64_R0_CODE);
        m.state.tr.limit = 0x5a;
        break;
    case RSP0_CANONICAL:
        fake_machine_set_tss(&m, TSS64_RSP0, 0x0000800000000000);
        break;
    case FRAME_CANONICAL: /* RSP0 itself is canonical; the first push is below the high half */
        fake_machine_set_tss(&m, TSS64_RSP0, 0xffff800000000000);
        break;
    }
}

// clang-format off
static const struct {
    const char *name;
    enum spoil what;
    uint64_t value;
    const char *why;
    uint8_t vector;
    uint32_t error;
} rows[] = {
    {"IDT limit", IDT_LIMIT, 0, "#GP(vector): the gate is outside the IDT", 13, 0x402},
    {"IDT limit, inside the gate", IDT_LIMIT_INSIDE, 0, "#GP(vector): the gate is outside the IDT",
     13, 0x402},
    {"IDT base", IDT_CANONICAL, 0, "#GP(vector): the gate's address is not canonical", 13, 0x402},
    {"IDT end", IDT_CANONICAL_END, 0, "#GP(vector): the gate's address is not canonical", 13,
     0x402},
    {"type 0", GATE_TYPE, 0, "#GP(vector): neither a 64-bit interrupt gate nor a trap gate", 13,
     0x402},
    {"task gate", GATE_TYPE, 5, "#GP(vector): neither a 64-bit interrupt gate nor a trap gate", 13,
     0x402},
    {"call gate", GATE_TYPE, 0xc, "#GP(vector): neither a 64-bit interrupt gate nor a trap gate",
     13, 0x402},
    {"16-bit gate", GATE_TYPE, 6, "#GP(vector): neither a 64-bit interrupt gate nor a trap gate",
     13, 0x402},
    {"code descriptor", GATE_SYSTEM, 0,
     "#GP(vector): neither a 64-bit interrupt gate nor a trap gate", 13, 0x402},
    {"absent gate", GATE_ABSENT, 0, "#NP(vector): the gate is not present", 11, 0x402},
    {"null selector", SELECTOR, 0, "#GP(0): the gate's selector is null", 13, 0},
    {"null selector with RPL", SELECTOR, 3, "#GP(0): the gate's selector is null", 13, 0},
    {"GDT limit", SELECTOR, FAKE_GDT_LIMIT + 1,
     "#GP(selector): the selector is outside its descriptor table", 13, FAKE_GDT_LIMIT + 1},
    {"GDT limit, RPL is not part of it", SELECTOR, FAKE_GDT_LIMIT + 4,
     "#GP(selector): the selector is outside its descriptor table", 13, FAKE_GDT_LIMIT + 1},
    {"LDT limit", SELECTOR, 0x14, "#GP(selector): the selector is outside its descriptor table", 13,
     0x14},
    {"no LDT", LDT_NULL, 0, "#GP(selector): the selector is outside its descriptor table", 13, 4},
    {"data segment", SELECTOR, KGDT64_R0_DATA,
     "#GP(selector): the gate's selector names no code segment", 13, 0x18},
    {"TSS", SELECTOR, KGDT64_SYS_TSS, "#GP(selector): the gate's selector names no code segment",
     13, 0x40},
    {"32-bit code", SELECTOR, FAKE_SEL_R0_CODE32,
     "#GP(selector): the code segment is not 64-bit (L = 1, D = 0)", 13, FAKE_SEL_R0_CODE32},
    {"L and D", SELECTOR, FAKE_SEL_R0_CODE_L_D,
     "#GP(selector): the code segment is not 64-bit (L = 1, D = 0)", 13, FAKE_SEL_R0_CODE_L_D},
    {"absent code", SELECTOR, FAKE_SEL_R0_ABSENT, "#NP(selector): the code segment is not present",
     11, FAKE_SEL_R0_ABSENT},
    {"handler's address", RIP_CANONICAL, 0, "#GP(0): the gate's offset is not canonical", 13, 0},
};
// clang-format on

static bool has_step(const char *text)
{
    for (unsigned i = 0; i < m.result.step_count; i++)
        if (strcmp(m.result.steps[i].text, text) == 0)
            return true;
    return false;
}

static void check_fault(const char *name, const char *why, uint8_t vector, uint32_t error)
{
    ck_assert_msg(has_step(why), "%s: no step '%s'", name, why);
    assert_row_eq(name, m.result.outcome, RS_MODEL_FAULT);
    assert_row_eq(name, m.result.fault_vector, vector);
    assert_row_eq(name, m.result.fault_has_error_code, true);
    assert_row_eq(name, m.result.fault_error_code, error);
    assert_row_eq(name, m.result.vector, vector);
    assert_row_eq(name, m.result.frame_count, 6);
    assert_row_eq(name, m.result.frame[0], error);
    /* The instruction is to be run again: its own address, with RF = 1. */
    assert_row_eq(name, m.result.frame[1], m.state.rip);
    assert_row_eq(name, m.result.frame[3], m.state.rflags | RFLAGS_RF);
    assert_row_eq(name, m.result.after.rip, FAKE_HANDLER(vector));
}

/* Tables that the move took away are mapped where the row has put them. */
static void map_moved_tables(void)
{
    m.regions[FAKE_REGION_GDT].gva = m.state.gdt.base;
    m.regions[FAKE_REGION_IDT].gva = m.state.idt.base;
    m.regions[FAKE_REGION_TSS].gva = m.state.tr.base;
}

START_TEST(gate_rules_with_int_n)
{
    spoil(rows[_i].what, rows[_i].value);
    map_moved_tables();
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INT_N, .vector = 0x80, .length = 2});
    check_fault(rows[_i].name, rows[_i].why, rows[_i].vector, rows[_i].error);
}
END_TEST

START_TEST(gate_rules_with_an_interrupt)
{
    spoil(rows[_i].what, rows[_i].value);
    map_moved_tables();
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INTERRUPT, .vector = 0x80});
    check_fault(rows[_i].name, rows[_i].why, rows[_i].vector, rows[_i].error | 1);
}
END_TEST

/*
 * What concerns the stack spoils the delivery of the exception too, unless that has a stack of its
 * own: #TS (10) and #SS (12) get IST 6 here. #TS names the TSS: 40h.
 */
// clang-format off
static const struct {
    const char *name;
    enum spoil what;
    const char *why;
    uint8_t vector;
    uint32_t error;
} stack_rows[] = {
    {"IST outside the TSS", IST_LIMIT, "#TS(TR): the stack pointer is outside the TSS", 10, 0x40},
    {"RSP0 not canonical", RSP0_CANONICAL, "#SS(0): the stack pointer is not canonical", 12, 0},
    {"frame not canonical", FRAME_CANONICAL, "#SS(0): the frame reaches a non-canonical address",
     12, 0},
};
// clang-format on

START_TEST(stack_rules)
{
    for (unsigned ext = 0; ext <= 1; ext++) {
        fake_machine_init(&m);
        fake_machine_set_gate(&m, 10, 0x8e06, KGDT64_R0_CODE, FAKE_HANDLER(10));
        fake_machine_set_gate(&m, 12, 0x8e06, KGDT64_R0_CODE, FAKE_HANDLER(12));
        spoil(stack_rows[_i].what, 0);
        fake_machine_run(&m, (struct rs_cause){.kind = ext ? RS_CAUSE_INTERRUPT : RS_CAUSE_INT_N,
                                               .vector = 0x80,
                                               .length = 2});
        check_fault(stack_rows[_i].name, stack_rows[_i].why, stack_rows[_i].vector,
                    stack_rows[_i].error | ext);
        ck_assert_uint_eq(m.result.ist, 6);
        ck_assert_uint_eq(m.result.frame_gva, FAKE_IST(6) - 6 * 8);
    }
}
END_TEST

/* The first exception is recorded even where its delivery fails for the same reason. */
// clang-format off
static const struct {
    const char *name;
    enum spoil what;
    const char *why;
    uint32_t error;
} broken_rows[] = {
    {"RSP0 outside the TSS", TSS_LIMIT, "#TS(TR): the stack pointer is outside the TSS", 0x40},
    {"TSS not canonical", TSS_CANONICAL, "#TS(TR): the stack pointer's address is not canonical",
     0x40},
    {"TSS end not canonical", TSS_CANONICAL_END,
     "#TS(TR): the stack pointer's address is not canonical", 0x40},
    {"GDT not canonical", GDT_CANONICAL, "#GP(selector): the descriptor's address is not canonical",
     0x10},
    {"GDT end not canonical", GDT_CANONICAL_END,
     "#GP(selector): the descriptor's address is not canonical", 0x10},
};
// clang-format on

START_TEST(broken_tables_shut_down)
{
    const char *name = broken_rows[_i].name;
    bool found = false;

    spoil(broken_rows[_i].what, 0);
    map_moved_tables();
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INT_N, .vector = 0x80, .length = 2});
    assert_row_eq(name, m.result.outcome, RS_MODEL_SHUTDOWN);
    for (unsigned i = 0; !found && i < m.result.step_count; i++) {
        found = strcmp(m.result.steps[i].text, broken_rows[_i].why) == 0;
        if (found)
            assert_row_eq(name, m.result.steps[i].value, broken_rows[_i].error);
    }
    ck_assert_msg(found, "%s: no step '%s'", name, broken_rows[_i].why);
    assert_row_eq(name, m.result.after.rip, FAKE_USER_RIP);
}
END_TEST

/* DPL 0 gates from ring 3: #GP(8n + 2), at the instruction. */
static const struct {
    const char *name;
    struct rs_cause cause;
    uint32_t error;
} dpl_rows[] = {
    {"INT 0", {.kind = RS_CAUSE_INT_N, .vector = 0, .length = 2}, 0x2},
    {"INT 1", {.kind = RS_CAUSE_INT_N, .vector = 1, .length = 2}, 0xa},
    {"INT 8", {.kind = RS_CAUSE_INT_N, .vector = 8, .length = 2}, 0x42},
    {"INT 0Eh", {.kind = RS_CAUSE_INT_N, .vector = 0x0e, .length = 2}, 0x72},
    {"INT 2Eh", {.kind = RS_CAUSE_INT_N, .vector = 0x2e, .length = 2}, 0x172},
    {"INT 80h", {.kind = RS_CAUSE_INT_N, .vector = 0x80, .length = 2}, 0x402},
    {"INT FFh", {.kind = RS_CAUSE_INT_N, .vector = 0xff, .length = 2}, 0x7fa},
    {"INT3", {.kind = RS_CAUSE_INT3, .length = 1}, 0x1a},
};

START_TEST(dpl_is_checked_for_software_interrupts)
{
    uint8_t vector = dpl_rows[_i].cause.kind == RS_CAUSE_INT3 ? 3 : dpl_rows[_i].cause.vector;

    fake_machine_set_gate(&m, vector, 0x8e00, KGDT64_R0_CODE, FAKE_HANDLER(vector));
    fake_machine_run(&m, dpl_rows[_i].cause);
    check_fault(dpl_rows[_i].name, "#GP(vector): CPL is greater than the gate's DPL", 13,
                dpl_rows[_i].error);
}
END_TEST

/* The DPL check comes before the check of P: #GP, not #NP. */
START_TEST(dpl_comes_before_presence)
{
    set_gate(0x0e00, KGDT64_R0_CODE);
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INT_N, .vector = 0x80, .length = 2});
    ck_assert_uint_eq(m.result.fault_vector, 13);
    ck_assert_uint_eq(m.result.fault_error_code, 0x402);
}
END_TEST

START_TEST(into_checks_dpl)
{
    fake_machine_enter_compatibility(&m);
    m.state.rflags |= RFLAGS_OF;
    fake_machine_set_gate(&m, 4, 0x8e00, KGDT64_R0_CODE, FAKE_HANDLER(4));
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INTO, .length = 1});
    check_fault("INTO", "#GP(vector): CPL is greater than the gate's DPL", 13, 0x22);
}
END_TEST

START_TEST(into_is_undefined_in_64_bit_mode)
{
    m.state.rflags |= RFLAGS_OF;
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INTO, .length = 1});
    ck_assert_int_eq(m.result.outcome, RS_MODEL_FAULT);
    ck_assert_uint_eq(m.result.fault_vector, 6);
    ck_assert_uint_eq(m.result.fault_has_error_code, 0);
    ck_assert_uint_eq(m.result.fault_error_code, 0);
    ck_assert_uint_eq(m.result.frame_count, 5);
    ck_assert_uint_eq(m.result.frame[0], FAKE_USER_RIP);
}
END_TEST

/* DPL 0 does not stop events that are not software interrupts. */
static const struct rs_cause hardware[] = {
    {.kind = RS_CAUSE_EXCEPTION, .vector = 0},
    {.kind = RS_CAUSE_INTERRUPT, .vector = 0x80},
    {.kind = RS_CAUSE_NMI},
    {.kind = RS_CAUSE_ICEBP, .length = 1},
};

START_TEST(dpl_is_not_checked_for_hardware_events)
{
    fake_machine_run(&m, hardware[_i]);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
}
END_TEST

/* A handler less privileged than the interrupted code: #GP(selector). */
START_TEST(handler_must_not_be_less_privileged)
{
    fake_machine_enter_kernel(&m);
    set_gate(0x8e00, KGDT64_R3_CODE | 3);
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INTERRUPT, .vector = 0x80});
    check_fault("DPL 3 code at CPL 0", "#GP(selector): the code segment's DPL is greater than CPL",
                13, 0x31);

    fake_machine_init(&m);
    fake_machine_enter_kernel(&m);
    set_gate(0x8e00, FAKE_SEL_R3_CONFORMING);
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INTERRUPT, .vector = 0x80});
    check_fault("conforming too", "#GP(selector): the code segment's DPL is greater than CPL", 13,
                FAKE_SEL_R3_CONFORMING | 1);
}
END_TEST

/* Every CPL against every DPL, _i being both: of the gate, for INT n, and of the code. */
START_TEST(every_cpl_meets_every_dpl)
{
    uint8_t cpl = (uint8_t)(_i / 4), dpl = (uint8_t)(_i % 4);

    m.state.cpl = cpl;
    set_gate((uint16_t)(0x8e00 | dpl << 13), KGDT64_R0_CODE);
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INT_N, .vector = 0x80, .length = 2});
    ck_assert_int_eq(m.result.outcome, cpl > dpl ? RS_MODEL_FAULT : RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.vector, cpl > dpl ? RS_VECTOR_GP : 0x80);

    fake_machine_init(&m);
    m.state.cpl = cpl;
    fake_machine_set_tss(&m, TSS64_RSP0 + 8, FAKE_IST(1));
    fake_machine_set_tss(&m, TSS64_RSP0 + 16, FAKE_IST(2));
    m.gdt[FAKE_SEL_R1_CODE / 8] &= ~(UINT64_C(3) << 45);
    m.gdt[FAKE_SEL_R1_CODE / 8] |= (uint64_t)dpl << 45;
    set_gate(0x8e00, FAKE_SEL_R1_CODE);
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INTERRUPT, .vector = 0x80});
    ck_assert_int_eq(m.result.outcome, dpl > cpl ? RS_MODEL_FAULT : RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.cpl, dpl > cpl ? 0 : dpl);
    if (dpl > cpl)
        ck_assert_uint_eq(m.result.frame[0], FAKE_SEL_R1_CODE | 1);
}
END_TEST

/* A frame over the edge of two pages that are both there is pushed as any other. */
START_TEST(a_frame_may_lie_in_two_pages)
{
    m.regions[FAKE_REGION_KERNEL_STACK].gva = FAKE_RSP0;
    fake_machine_set_tss(&m, TSS64_RSP0, FAKE_RSP0 + 16);
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_EXCEPTION, .vector = RS_VECTOR_UD});
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.frame_gva, FAKE_RSP0 + 16 - 40);
    ck_assert_uint_eq(m.result.frame_count, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("deliver-faults");
    TCase *tests = tcase_create("faults");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_loop_test(tests, gate_rules_with_int_n, 0, ARRAY_SIZE(rows));
    tcase_add_loop_test(tests, gate_rules_with_an_interrupt, 0, ARRAY_SIZE(rows));
    tcase_add_loop_test(tests, stack_rules, 0, ARRAY_SIZE(stack_rows));
    tcase_add_loop_test(tests, broken_tables_shut_down, 0, ARRAY_SIZE(broken_rows));
    tcase_add_loop_test(tests, dpl_is_checked_for_software_interrupts, 0, ARRAY_SIZE(dpl_rows));
    tcase_add_test(tests, dpl_comes_before_presence);
    tcase_add_test(tests, into_checks_dpl);
    tcase_add_test(tests, into_is_undefined_in_64_bit_mode);
    tcase_add_loop_test(tests, dpl_is_not_checked_for_hardware_events, 0, ARRAY_SIZE(hardware));
    tcase_add_test(tests, handler_must_not_be_less_privileged);
    tcase_add_loop_test(tests, every_cpl_meets_every_dpl, 0, 16);
    tcase_add_test(tests, a_frame_may_lie_in_two_pages);
    suite_add_tcase(suite, tests);
    return unit_run(suite);
}
