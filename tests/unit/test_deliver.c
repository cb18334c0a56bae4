/* SPDX-License-Identifier: MIT
 * Deliveries that succeed: stack, frame, flags, segments. Expected values follow SDM Vol. 2A, "INT
 * n/INTO/INT3/INT1", Operation, and Vol. 3A, "Exception and Interrupt Handling in 64-bit Mode". */
#include "fake_machine.h"
#include "model/internal.h"
#include "unit.h"

static struct fake_machine m;

static void setup(void)
{
    fake_machine_init(&m);
}

START_TEST(exception_from_ring_3_changes_stack_and_segments)
{
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_EXCEPTION,
                                           .vector = RS_VECTOR_PF,
                                           .has_error_code = true,
                                           .error_code = 6,
                                           .cr2 = 0x123456789abc});

    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.vector, 14);
    ck_assert_uint_eq(m.result.gate_type, DESC_TYPE_INTERRUPT_GATE);
    ck_assert_uint_eq(m.result.ist, 0);
    /* RSP0 is a multiple of 16; six quadwords below it. */
    ck_assert_uint_eq(m.result.frame_count, 6);
    ck_assert_uint_eq(m.result.frame_gva, FAKE_RSP0 - 6 * 8);
    ck_assert_uint_eq(m.result.frame[0], 6);
    ck_assert_uint_eq(m.result.frame[1], FAKE_USER_RIP);
    ck_assert_uint_eq(m.result.frame[2], 0x33);
    /* A fault pushes RF = 1 (bit 16) over the interrupted flags 0x246. */
    ck_assert_uint_eq(m.result.frame[3], 0x10246);
    ck_assert_uint_eq(m.result.frame[4], FAKE_USER_STACK - 0x38);
    ck_assert_uint_eq(m.result.frame[5], 0x2b);
    /* IF (0x200) is cleared by the interrupt gate. */
    ck_assert_uint_eq(m.result.after.rflags, 0x046);
    ck_assert_uint_eq(m.result.after.rip, FAKE_HANDLER(14));
    ck_assert_uint_eq(m.result.after.gpr[RS_RSP], FAKE_RSP0 - 6 * 8);
    ck_assert_uint_eq(m.result.after.cpl, 0);
    ck_assert_uint_eq(m.result.after.cs.selector, 0x10);
    ck_assert_uint_eq(m.result.after.cs.l, 1);
    ck_assert_uint_eq(m.result.after.cs.dpl, 0);
    ck_assert_uint_eq(m.result.after.ss.selector, 0);
    ck_assert_uint_eq(m.result.after.ss.unusable, 1);
    ck_assert_uint_eq(m.result.after.cr2, 0x123456789abc);
    /* Nothing else was raised: the error code above is the exception's own. */
    ck_assert_uint_eq(m.result.fault_vector, 0);
    ck_assert_uint_eq(m.result.fault_error_code, 0);
    ck_assert_uint_eq(m.result.fault_has_error_code, 0);
}
END_TEST

/* Everything that delivery does not name stays. */
START_TEST(other_state_stays)
{
    for (unsigned i = 0; i < RS_REGISTER_COUNT; i++)
        if (i != RS_RSP)
            m.state.gpr[i] = UINT64_C(0x0101010101010101) * i;
    m.state.cr2 = 77;
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_EXCEPTION, .vector = RS_VECTOR_UD});

    for (unsigned i = 0; i < RS_REGISTER_COUNT; i++)
        if (i != RS_RSP)
            ck_assert_uint_eq(m.result.after.gpr[i], UINT64_C(0x0101010101010101) * i);
    ck_assert_uint_eq(m.result.after.cr2, 77);
    ck_assert_uint_eq(m.result.after.star, m.state.star);
    ck_assert_uint_eq(m.result.after.idt.base, m.state.idt.base);
    ck_assert_uint_eq(m.result.after.nmi_blocked, 0);
}
END_TEST

START_TEST(same_level_aligns_the_current_stack)
{
    fake_machine_enter_kernel(&m);
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_EXCEPTION, .vector = RS_VECTOR_UD});

    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    /* top - 0x48 aligned down is top - 0x50; five quadwords below. */
    ck_assert_uint_eq(m.result.frame_gva, FAKE_KERNEL_STACK - 0x50 - 5 * 8);
    ck_assert_uint_eq(m.result.frame_count, 5);
    ck_assert_uint_eq(m.result.frame[0], FAKE_KERNEL_RIP);
    ck_assert_uint_eq(m.result.frame[1], 0x10);
    ck_assert_uint_eq(m.result.frame[3], FAKE_KERNEL_STACK - 0x48);
    ck_assert_uint_eq(m.result.frame[4], 0x18);
    /* SS and RSP are pushed always, but SS is changed only with CPL. */
    ck_assert_uint_eq(m.result.after.ss.selector, 0x18);
    ck_assert_uint_eq(m.result.after.ss.unusable, 0);
}
END_TEST

START_TEST(ist_moves_the_stack_even_at_cpl_0)
{
    fake_machine_enter_kernel(&m);
    fake_machine_set_tss(&m, TSS64_IST1 + 8 * 2, FAKE_IST(3) - 9); /* to be aligned */
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_NMI});

    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.vector, 2);
    ck_assert_uint_eq(m.result.ist, 3);
    ck_assert_uint_eq(m.result.frame_gva, FAKE_IST(3) - 16 - 5 * 8);
    ck_assert_uint_eq(m.result.frame[3], FAKE_KERNEL_STACK - 0x48);
    ck_assert_uint_eq(m.result.frame[4], 0x18);
    ck_assert_uint_eq(m.result.after.ss.selector, 0x18);
    ck_assert_uint_eq(m.result.after.nmi_blocked, 1);
    /* NMI comes between instructions: RF as it was. */
    ck_assert_uint_eq(m.result.frame[2], 0x246);
}
END_TEST

START_TEST(every_ist_slot_is_its_own)
{
    uint8_t slot = (uint8_t)_i;

    fake_machine_set_gate(&m, 0x80, (uint16_t)(0xee00 | slot), KGDT64_R0_CODE, FAKE_HANDLER(0x80));
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INT_N, .vector = 0x80, .length = 2});
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.ist, slot);
    ck_assert_uint_eq(m.result.frame_gva, FAKE_IST(slot) - 5 * 8);
}
END_TEST

/* Gates to DPL 1 and 2 code take RSP1 and RSP2; SS becomes null with that RPL. */
static const struct {
    uint16_t selector;
    unsigned tss_offset;
    uint8_t cpl;
} inner_levels[] = {
    {KGDT64_R0_CODE, TSS64_RSP0, 0},
    {FAKE_SEL_R1_CODE, TSS64_RSP0 + 8, 1},
    {FAKE_SEL_R2_CODE, TSS64_RSP0 + 16, 2},
};

START_TEST(inner_level_chooses_the_stack)
{
    fake_machine_set_tss(&m, inner_levels[_i].tss_offset, FAKE_IST(7));
    /* The RPL of the gate's selector is ignored. */
    fake_machine_set_gate(&m, 0x80, 0xee00, inner_levels[_i].selector | 3, FAKE_HANDLER(0x80));
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INTERRUPT, .vector = 0x80});
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.frame_gva, FAKE_IST(7) - 5 * 8);
    ck_assert_uint_eq(m.result.after.cpl, inner_levels[_i].cpl);
    ck_assert_uint_eq(m.result.after.cs.selector, inner_levels[_i].selector | inner_levels[_i].cpl);
    ck_assert_uint_eq(m.result.after.cs.type & 1, 1); /* loading sets the accessed bit */
    ck_assert_uint_eq(m.result.after.ss.selector, inner_levels[_i].cpl);
    ck_assert_uint_eq(m.result.after.ss.dpl, inner_levels[_i].cpl);
}
END_TEST

START_TEST(conforming_code_stays_at_ring_3)
{
    fake_machine_set_gate(&m, 0x80, 0xee00, FAKE_SEL_R0_CONFORMING, FAKE_HANDLER(0x80));
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INT_N, .vector = 0x80, .length = 2});
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.cpl, 3);
    ck_assert_uint_eq(m.result.after.cs.selector, FAKE_SEL_R0_CONFORMING | 3);
    ck_assert_uint_eq(m.result.after.ss.selector, 0x2b);
    /* top - 0x38 aligned down is top - 0x40 */
    ck_assert_uint_eq(m.result.frame_gva, FAKE_USER_STACK - 0x40 - 5 * 8);
}
END_TEST

START_TEST(code_segment_may_be_in_the_ldt)
{
    fake_machine_set_gate(&m, 0x80, 0xee00, FAKE_SEL_LDT_CODE, FAKE_HANDLER(0x80));
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INT_N, .vector = 0x80, .length = 2});
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.cs.selector, FAKE_SEL_LDT_CODE);
}
END_TEST

START_TEST(reserved_gate_bits_are_ignored)
{
    m.idt[0x80][0] |= UINT64_C(0xf8) << 32 | UINT64_C(0x6000) << 32;
    m.idt[0x80][1] |= UINT64_C(0x1f) << 40;
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INT_N, .vector = 0x80, .length = 2});
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
}
END_TEST

/*
 * Flags. All that is cleared (TF 100 IF 200 NT 4000 RF 10000 VM 20000) and some that is not (AC
 * 40000 ID 200000 IOPL 3000 DF 400 CF 1) is set before.
 */
#define FLAGS_BEFORE UINT64_C(0x00277703)

// clang-format off
static const struct {
    const char *name;
    struct rs_cause cause;
    uint16_t attributes;
    uint64_t pushed, after;
} flags[] = {
    /* Software interrupts and ICEBP push RF = 0: it was cleared as they began. */
    {"INT n, interrupt gate", {.kind = RS_CAUSE_INT_N, .vector = 1, .length = 2}, 0xee00,
     FLAGS_BEFORE & ~UINT64_C(0x10000), FLAGS_BEFORE & ~UINT64_C(0x34300)},
    {"INT n, trap gate", {.kind = RS_CAUSE_INT_N, .vector = 1, .length = 2}, 0xef00,
     FLAGS_BEFORE & ~UINT64_C(0x10000), FLAGS_BEFORE & ~UINT64_C(0x34100)},
    {"ICEBP", {.kind = RS_CAUSE_ICEBP, .length = 1}, 0x8e00, FLAGS_BEFORE & ~UINT64_C(0x10000),
     FLAGS_BEFORE & ~UINT64_C(0x34300)},
    /* Traps push RF as it is; #DB may be either, and is left to the state. */
    {"#DB", {.kind = RS_CAUSE_EXCEPTION, .vector = 1}, 0x8e00, FLAGS_BEFORE,
     FLAGS_BEFORE & ~UINT64_C(0x34300)},
    {"interrupt", {.kind = RS_CAUSE_INTERRUPT, .vector = 1}, 0x8e00, FLAGS_BEFORE,
     FLAGS_BEFORE & ~UINT64_C(0x34300)},
};
// clang-format on

START_TEST(flags_are_pushed_then_masked)
{
    m.state.rflags = FLAGS_BEFORE;
    fake_machine_set_gate(&m, 1, flags[_i].attributes, KGDT64_R0_CODE, FAKE_HANDLER(1));
    fake_machine_run(&m, flags[_i].cause);
    assert_row_eq(flags[_i].name, m.result.outcome, RS_MODEL_DONE);
    assert_row_eq(flags[_i].name, m.result.frame[2], flags[_i].pushed);
    assert_row_eq(flags[_i].name, m.result.after.rflags, flags[_i].after);
}
END_TEST

/* RF = 1 in the image of every fault-class exception, and of no other. SDM Vol. 3A, table
 * "Protected-Mode Exceptions and Interrupts"; #VC and #SX: AMD APM Vol. 2, "Vectors". */
static bool is_fault_class(unsigned vector)
{
    static const uint8_t faults[] = {0, 5, 6, 7, 9, 10, 11, 12, 13, 14, 16, 17, 19, 20, 21, 29, 30};

    for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
        if (faults[i] == vector)
            return true;
    return false;
}

START_TEST(faults_push_rf)
{
    uint8_t vector = (uint8_t)_i;

    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_EXCEPTION, .vector = vector});
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_msg((m.result.frame[2] & 0x10000) == (is_fault_class(vector) ? 0x10000 : 0),
                  "vector %d pushes RFLAGS %#" PRIx64, _i, m.result.frame[2]);
}
END_TEST

/* The address that is pushed: faults and interrupts RIP, instructions the next one. */
static const struct {
    const char *name;
    struct rs_cause cause;
    uint8_t vector;
    uint64_t rip;
} addresses[] = {
    {"INT 2Eh", {.kind = RS_CAUSE_INT_N, .vector = 0x2e, .length = 2}, 0x2e, FAKE_USER_RIP + 2},
    {"INT 3 (CD 03)", {.kind = RS_CAUSE_INT_N, .vector = 3, .length = 2}, 3, FAKE_USER_RIP + 2},
    {"INT3 (CC)", {.kind = RS_CAUSE_INT3, .length = 1}, 3, FAKE_USER_RIP + 1},
    {"ICEBP", {.kind = RS_CAUSE_ICEBP, .length = 1}, 1, FAKE_USER_RIP + 1},
    {"#DE", {.kind = RS_CAUSE_EXCEPTION, .vector = 0, .length = 3}, 0, FAKE_USER_RIP},
    {"#BP found by the caller", {.kind = RS_CAUSE_EXCEPTION, .vector = 3}, 3, FAKE_USER_RIP},
    {"interrupt", {.kind = RS_CAUSE_INTERRUPT, .vector = 0xd1, .length = 9}, 0xd1, FAKE_USER_RIP},
    {"NMI", {.kind = RS_CAUSE_NMI, .vector = 0xee}, 2, FAKE_USER_RIP},
};

START_TEST(pushes_the_return_address)
{
    const char *name = addresses[_i].name;

    fake_machine_run(&m, addresses[_i].cause);
    assert_row_eq(name, m.result.outcome, RS_MODEL_DONE);
    assert_row_eq(name, m.result.vector, addresses[_i].vector);
    assert_row_eq(name, m.result.frame_count, 5);
    assert_row_eq(name, m.result.frame[0], addresses[_i].rip);
    assert_row_eq(name, m.result.after.rip, FAKE_HANDLER(addresses[_i].vector));
}
END_TEST

/* INT n pushes no error code even for vectors that have one as exceptions. */
START_TEST(int_0e_at_cpl_0_has_no_error_code)
{
    fake_machine_enter_kernel(&m);
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INT_N, .vector = 0x0e, .length = 2});
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.vector, 0x0e);
    ck_assert_uint_eq(m.result.frame_count, 5);
    ck_assert_uint_eq(m.result.frame[0], FAKE_KERNEL_RIP + 2);
    ck_assert_uint_eq(m.result.after.cr2, 0);
}
END_TEST

/* Compatibility mode: EIP wraps at 32 bits, INTO is an instruction. */
START_TEST(compatibility_mode_pushes_eip)
{
    fake_machine_enter_compatibility(&m);
    m.state.rip = 0xffffffff;
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INT3, .length = 1});
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.frame[0], 0);
    ck_assert_uint_eq(m.result.frame[1], 0x23);
    ck_assert_uint_eq(m.result.after.cs.l, 1);
}
END_TEST

START_TEST(into_traps_when_of_is_set)
{
    fake_machine_enter_compatibility(&m);
    m.state.rflags |= RFLAGS_OF;
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INTO, .length = 1});
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.vector, 4);
    ck_assert_uint_eq(m.result.frame[0], 0x401001);
}
END_TEST

START_TEST(into_does_nothing_when_of_is_clear)
{
    fake_machine_enter_compatibility(&m);
    m.state.rflags |= RFLAGS_RF;
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INTO, .length = 1});
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert(!(m.result.after.rflags & RFLAGS_RF)); /* it has been executed */
    ck_assert_uint_eq(m.result.gate_type, 0);
    ck_assert_uint_eq(m.result.frame_count, 0);
    ck_assert_uint_eq(m.result.after.rip, 0x401001);
    ck_assert_uint_eq(m.result.after.cpl, 3);
}
END_TEST

/* A kind outside the enumeration does nothing: the function is total. */
START_TEST(unknown_cause_does_nothing)
{
    fake_machine_run(&m, (struct rs_cause){.kind = (enum rs_cause_kind)99});
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.rip, FAKE_USER_RIP);
    ck_assert_uint_eq(m.result.step_count, 0);
}
END_TEST

static uint64_t step_value(const char *text)
{
    for (unsigned i = 0; i < m.result.step_count; i++)
        if (strcmp(m.result.steps[i].text, text) == 0)
            return m.result.steps[i].value;
    ck_abort_msg("no step '%s'", text);
    return 0;
}

/* Each quadword of the frame is a step, and the gate's type decides what is said of IF. */
START_TEST(steps_name_the_frame)
{
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_EXCEPTION,
                                           .vector = RS_VECTOR_PF,
                                           .has_error_code = true,
                                           .error_code = 6});
    ck_assert_uint_eq(step_value("push SS"), 0x2b);
    ck_assert_uint_eq(step_value("push RSP"), FAKE_USER_STACK - 0x38);
    ck_assert_uint_eq(step_value("push RFLAGS"), 0x10246);
    ck_assert_uint_eq(step_value("push CS"), 0x33);
    ck_assert_uint_eq(step_value("push RIP"), FAKE_USER_RIP);
    ck_assert_uint_eq(step_value("push error code"), 6);
    ck_assert_uint_eq(step_value("interrupt gate: RFLAGS.IF, TF, NT, RF, VM <- 0"), 0x046);
    ck_assert_uint_eq(step_value("CPL changes: stack <- TSS.RSP0"), FAKE_RSP0);
    ck_assert_uint_eq(step_value("CPL changes: SS <- null, RPL = new CPL"), 0);

    fake_machine_set_gate(&m, 0x80, 0xef02, KGDT64_R0_CODE, FAKE_HANDLER(0x80));
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INT_N, .vector = 0x80, .length = 2});
    ck_assert_uint_eq(step_value("trap gate: RFLAGS.TF, NT, RF, VM <- 0; IF stays"), 0x246);
    ck_assert_uint_eq(step_value("stack <- TSS.IST2"), FAKE_IST(2));
    ck_assert_uint_eq(step_value("push RIP"), FAKE_USER_RIP + 2);
    ck_assert_uint_eq(step_value("INT n, INT3, INTO: CPL must not exceed the gate's DPL"), 3);
}
END_TEST

/* The last byte of each table may be the last one below the hole, and the last one of the limit. */
START_TEST(tables_may_end_at_the_edge)
{
    static const uint64_t hole = 0x0000800000000000;

    switch (_i) {
    case 0:
        m.state.idt.base = hole - 0x81 * 16;
        m.state.idt.limit = 0x80 * 16 + 15;
        m.regions[FAKE_REGION_IDT].gva = m.state.idt.base;
        break;
    case 1:
        m.state.tr.base = hole - 12;
        m.state.tr.limit = 11;
        m.regions[FAKE_REGION_TSS].gva = m.state.tr.base;
        break;
    default:
        m.state.gdt.base = hole - 8 - KGDT64_R0_CODE;
        m.state.gdt.limit = KGDT64_R0_CODE + 7;
        m.regions[FAKE_REGION_GDT].gva = m.state.gdt.base;
        break;
    }
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INTERRUPT, .vector = 0x80});
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
}
END_TEST

/* What --explain prints: the last steps name the new state, each with its value. */
START_TEST(steps_carry_values)
{
    const struct rs_model_step *last;

    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INT_N, .vector = 0x2e, .length = 2});
    ck_assert_uint_gt(m.result.step_count, 5);
    last = &m.result.steps[m.result.step_count - 1];
    ck_assert_str_eq(last->text, "RIP <- gate's offset");
    ck_assert_uint_eq(last->value, FAKE_HANDLER(0x2e));
    ck_assert_str_eq(m.result.steps[0].text, "deliver vector");
    ck_assert_uint_eq(m.result.steps[0].value, 0x2e);
}
END_TEST

/* How the hooks run the model. */
START_TEST(without_steps_and_in_place_the_result_is_the_same)
{
    static const struct rs_cause cause = {.kind = RS_CAUSE_INT_N, .vector = 0x2e, .length = 2};
    static struct rs_model_result silent;

    fake_machine_run(&m, cause);
    m.env.record_steps = false;
    silent.after = m.state;
    rs_model_run(&m.env, &silent.after, &cause, &silent);
    ck_assert_uint_eq(silent.step_count, 0);
    ck_assert_int_eq(silent.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(silent.after.rip, m.result.after.rip);
    ck_assert_uint_eq(silent.after.gpr[RS_RSP], m.result.after.gpr[RS_RSP]);
    ck_assert_uint_eq(silent.after.cs.selector, m.result.after.cs.selector);
    ck_assert_uint_eq(silent.frame_count, m.result.frame_count);
    ck_assert_mem_eq(silent.frame, m.result.frame, m.result.frame_count * sizeof(uint64_t));
}
END_TEST

START_TEST(steps_past_the_last_are_dropped)
{
    struct rs_model model = {.env = &m.env, .result = &m.result};

    fake_machine_init(&m);
    for (unsigned i = 0; i <= RS_MODEL_STEPS_MAX; i++)
        rs_model_step(&model, "step", i);
    ck_assert_uint_eq(m.result.step_count, RS_MODEL_STEPS_MAX);
    ck_assert_uint_eq(m.result.steps[RS_MODEL_STEPS_MAX - 1].value, RS_MODEL_STEPS_MAX - 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("deliver");
    TCase *tests = tcase_create("deliver");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, exception_from_ring_3_changes_stack_and_segments);
    tcase_add_test(tests, other_state_stays);
    tcase_add_test(tests, same_level_aligns_the_current_stack);
    tcase_add_test(tests, ist_moves_the_stack_even_at_cpl_0);
    tcase_add_loop_test(tests, every_ist_slot_is_its_own, 1, 8);
    tcase_add_loop_test(tests, inner_level_chooses_the_stack, 0, ARRAY_SIZE(inner_levels));
    tcase_add_test(tests, conforming_code_stays_at_ring_3);
    tcase_add_test(tests, code_segment_may_be_in_the_ldt);
    tcase_add_test(tests, reserved_gate_bits_are_ignored);
    tcase_add_loop_test(tests, flags_are_pushed_then_masked, 0, ARRAY_SIZE(flags));
    tcase_add_loop_test(tests, faults_push_rf, 0, 256);
    tcase_add_loop_test(tests, pushes_the_return_address, 0, ARRAY_SIZE(addresses));
    tcase_add_test(tests, int_0e_at_cpl_0_has_no_error_code);
    tcase_add_test(tests, compatibility_mode_pushes_eip);
    tcase_add_test(tests, into_traps_when_of_is_set);
    tcase_add_test(tests, into_does_nothing_when_of_is_clear);
    tcase_add_test(tests, unknown_cause_does_nothing);
    tcase_add_loop_test(tests, tables_may_end_at_the_edge, 0, 3);
    tcase_add_test(tests, steps_name_the_frame);
    tcase_add_test(tests, steps_carry_values);
    tcase_add_test(tests, without_steps_and_in_place_the_result_is_the_same);
    tcase_add_test(tests, steps_past_the_last_are_dropped);
    suite_add_tcase(suite, tests);
    return unit_run(suite);
}
