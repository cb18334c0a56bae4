/* SPDX-License-Identifier: MIT
 * IRET in IA-32e mode. Expected values: SDM Vol. 2A, "IRET/IRETD/IRETQ - Interrupt Return",
 * Operation and "64-Bit Mode Exceptions". */
#include "fake_machine.h"
#include "unit.h"

static struct fake_machine m;

/* Where the frame that IRET pops is: on the kernel stack, five quadwords. */
#define FRAME (FAKE_KERNEL_STACK - 0x100)

static const struct rs_cause iretq = {.kind = RS_CAUSE_IRET, .length = 2, .operand = 1};
static const struct rs_cause iretd = {.kind = RS_CAUSE_IRET, .length = 1, .operand = 0};
static const struct rs_cause iretw = {.kind = RS_CAUSE_IRET, .length = 2, .operand = 2};

static void push_slots(uint64_t address, unsigned size, const uint64_t slots[5])
{
    for (unsigned i = 0; i < 5; i++) {
        uint64_t value = slots[i];

        /* The next slot's write repairs what this one wrote past its own. */
        fake_machine_poke(&m, address + (uint64_t)i * size, value);
    }
}

static void push(uint64_t rip, uint64_t cs, uint64_t rflags, uint64_t rsp, uint64_t ss)
{
    push_slots(FRAME, 8, (const uint64_t[]){rip, cs, rflags, rsp, ss});
}

static void setup(void)
{
    fake_machine_init(&m);
    fake_machine_enter_kernel(&m);
    m.state.gpr[RS_RSP] = FRAME;
    push(FAKE_USER_RIP, 0x33, 0x246, FAKE_USER_STACK - 0x38, 0x2b);
}

START_TEST(returns_to_ring_3)
{
    m.state.nmi_blocked = true;
    fake_machine_run(&m, iretq);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.rip, FAKE_USER_RIP);
    ck_assert_uint_eq(m.result.after.cs.selector, 0x33);
    ck_assert_uint_eq(m.result.after.cs.l, 1);
    ck_assert_uint_eq(m.result.after.cs.dpl, 3);
    ck_assert_uint_eq(m.result.after.rflags, 0x246);
    ck_assert_uint_eq(m.result.after.gpr[RS_RSP], FAKE_USER_STACK - 0x38);
    ck_assert_uint_eq(m.result.after.ss.selector, 0x2b);
    ck_assert_uint_eq(m.result.after.ss.limit, 0xffffffff);
    ck_assert_uint_eq(m.result.after.cpl, 3);
    ck_assert_uint_eq(m.result.after.nmi_blocked, 0);
    ck_assert_uint_eq(m.result.frame_count, 0);
    ck_assert_uint_eq(m.result.gate_type, 0);
}
END_TEST

/* In 64-bit mode RSP and SS are popped at the same level too. */
START_TEST(returns_to_the_same_level)
{
    push(FAKE_KERNEL_RIP + 9, KGDT64_R0_CODE, 0x2, 0x1238, KGDT64_R0_DATA);
    fake_machine_run(&m, iretq);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.rip, FAKE_KERNEL_RIP + 9);
    ck_assert_uint_eq(m.result.after.gpr[RS_RSP], 0x1238);
    ck_assert_uint_eq(m.result.after.ss.selector, 0x18);
    ck_assert_uint_eq(m.result.after.cpl, 0);
}
END_TEST

START_TEST(delivery_and_iret_are_inverse)
{
    struct rs_cpu_state before;

    fake_machine_init(&m);
    before = m.state;
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_INTERRUPT, .vector = 0xd1});
    m.state = m.result.after;
    for (unsigned i = 0; i < m.result.frame_count; i++)
        fake_machine_poke(&m, m.result.frame_gva + 8 * i, m.result.frame[i]);
    fake_machine_run(&m, iretq);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.rip, before.rip);
    ck_assert_uint_eq(m.result.after.gpr[RS_RSP], before.gpr[RS_RSP]);
    ck_assert_uint_eq(m.result.after.rflags, before.rflags);
    ck_assert_uint_eq(m.result.after.cs.selector, before.cs.selector);
    ck_assert_uint_eq(m.result.after.ss.selector, before.ss.selector);
}
END_TEST

/*
 * Flags. Always: CF PF AF ZF SF (d5h), TF DF OF (d00h), NT, RF, AC and ID (240000h). IF when CPL <=
 * IOPL. At CPL 0 alone: IOPL, VIF and VIP. Never in IA-32e mode: VM.
 */
#define ALWAYS (UINT64_C(0x00000dd5) | UINT64_C(0x4000) | UINT64_C(0x10000) | UINT64_C(0x240000))
#define IF_FLAG UINT64_C(0x200)
#define CPL0_ONLY (UINT64_C(0x3000) | UINT64_C(0x180000))

static const struct {
    const char *name;
    uint8_t cpl;
    uint64_t old, popped, after;
} flags[] = {
    {"CPL 0 sets all", 0, 0x2, UINT64_MAX, ALWAYS | IF_FLAG | CPL0_ONLY | 2},
    {"CPL 0 clears all but the fixed bit", 0, 0x3d3fd7, 0, 2},
    {"CPL 3, IOPL 0: IF and IOPL stay clear", 3, 0x2, UINT64_MAX, ALWAYS | 2},
    {"CPL 3, IOPL 0: IF stays set", 3, 0x202, 0, 0x202},
    {"CPL 3, IOPL 3: IF follows", 3, 0x3002, UINT64_MAX, ALWAYS | IF_FLAG | 0x3002},
    {"CPL 3, IOPL 3: IOPL stays", 3, 0x3202, 0, 0x3002},
    {"VIF and VIP stay at CPL 3", 3, 0x180002, 0, 0x180002},
    {"VM is not popped", 0, 0x2, 0x20000, 2},
};

START_TEST(flag_rules)
{
    m.state.rflags = flags[_i].old;
    if (flags[_i].cpl == 3) {
        rs_segment_decode(m.gdt[KGDT64_R3_CODE / 8], 0x33, &m.state.cs);
        m.state.cpl = 3;
    }
    push(FAKE_USER_RIP, 0x33, flags[_i].popped, FAKE_USER_STACK, 0x2b);
    fake_machine_run(&m, iretq);
    assert_row_eq(flags[_i].name, m.result.outcome, RS_MODEL_DONE);
    assert_row_eq(flags[_i].name, m.result.after.rflags, flags[_i].after);
}
END_TEST

/* CPL 1 and 2 compare with IOPL as numbers. */
START_TEST(if_needs_cpl_at_most_iopl)
{
    for (uint64_t iopl = 0; iopl <= 3; iopl++) {
        setup();
        rs_segment_decode(m.gdt[FAKE_SEL_R1_CODE / 8], FAKE_SEL_R1_CODE | 1, &m.state.cs);
        m.state.cpl = 1;
        m.state.rflags = 2 | iopl << 12;
        push(FAKE_USER_RIP, 0x33, 0x202, FAKE_USER_STACK, 0x2b);
        fake_machine_run(&m, iretq);
        ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
        ck_assert_uint_eq(m.result.after.rflags & 0x200, iopl >= 1 ? 0x200 : 0);
    }
}
END_TEST

/* 64-bit code of CPL 0 to 2 may return to a null SS whose RPL is the CPL. */
START_TEST(null_ss_is_allowed_below_cpl_3)
{
    push(FAKE_KERNEL_RIP, KGDT64_R0_CODE, 2, 0x1000, 0);
    fake_machine_run(&m, iretq);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.ss.selector, 0);
    ck_assert_uint_eq(m.result.after.ss.unusable, 1);

    push(FAKE_KERNEL_RIP, FAKE_SEL_R1_CODE | 1, 2, 0x1000, 1);
    fake_machine_run(&m, iretq);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.cpl, 1);
    ck_assert_uint_eq(m.result.after.ss.selector, 1);
    ck_assert_uint_eq(m.result.after.ss.dpl, 1);
}
END_TEST

/* Conforming code: DPL <= RPL, and the level is the RPL. Loading sets the accessed bits. */
START_TEST(returns_to_conforming_code)
{
    push(FAKE_USER_RIP, FAKE_SEL_R0_CONFORMING | 1, 2, 0x1000, FAKE_SEL_R1_DATA | 1);
    fake_machine_run(&m, iretq);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.cpl, 1);
    ck_assert_uint_eq(m.result.after.ss.type, 3); /* 2 in the table */
}
END_TEST

START_TEST(returns_to_conforming_code_of_its_own_level)
{
    push(FAKE_USER_RIP, FAKE_SEL_R3_CONFORMING | 3, 2, 0x1000, 0x2b);
    fake_machine_run(&m, iretq);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.cpl, 3);
}
END_TEST

START_TEST(returns_to_compatibility_mode)
{
    push(UINT64_C(0xffffffff00401000), 0x23, 2, UINT64_C(0xeeeeeeee00150000), 0x2b);
    fake_machine_run(&m, iretq);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.rip, 0x00401000);
    ck_assert_uint_eq(m.result.after.gpr[RS_RSP], 0x00150000);
    ck_assert_uint_eq(m.result.after.cs.l, 0);
}
END_TEST

/* With a 16-bit stack segment only SP is loaded: the kernel's bits 31:16 stay. */
START_TEST(returns_to_a_16_bit_stack)
{
    push(0x401000, 0x23, 2, 0x55551234, FAKE_SEL_R3_DATA16 | 3);
    fake_machine_run(&m, iretq);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.gpr[RS_RSP], (FRAME & 0xffff0000) | 0x1234);
}
END_TEST

START_TEST(iretd_pops_doublewords)
{
    push_slots(FRAME, 4, (const uint64_t[]){0x00401000, 0x33, 0x246, 0x00150000, 0x2b});
    fake_machine_run(&m, iretd);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.rip, 0x00401000);
    ck_assert_uint_eq(m.result.after.cs.selector, 0x33);
    ck_assert_uint_eq(m.result.after.rflags, 0x246);
    ck_assert_uint_eq(m.result.after.gpr[RS_RSP], 0x00150000);
    ck_assert_uint_eq(m.result.after.ss.selector, 0x2b);
}
END_TEST

/* Words: the upper flags stay, and RF ends with the instruction. */
START_TEST(iretw_pops_words)
{
    m.state.rflags = 0x2d0002; /* ID VIF AC RF */
    push_slots(FRAME, 2, (const uint64_t[]){0x1000, 0x33, 0x0246, 0x8000, 0x2b});
    fake_machine_run(&m, iretw);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.rip, 0x1000);
    ck_assert_uint_eq(m.result.after.rflags, 0x2c0246);
    ck_assert_uint_eq(m.result.after.gpr[RS_RSP], 0x8000);
}
END_TEST

/* An operand outside the header's values is taken as the 64-bit form: the function is total. */
START_TEST(other_operands_are_the_64_bit_form)
{
    fake_machine_run(&m, (struct rs_cause){.kind = RS_CAUSE_IRET, .operand = (uint8_t)_i});
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.rip, FAKE_USER_RIP);
}
END_TEST

/*
 * From compatibility mode the frame is at SS.base + ESP, and RSP and SS are popped only for an
 * outer level. The user stack is below 4 GiB.
 */
static void enter_compatibility(uint8_t cpl)
{
    m.state.cs = (struct rs_segment){.selector = 0x23, .limit = 0xffffffff, .db = true, .dpl = cpl};
    m.state.ss.base = 0x10000;
    m.state.ss.db = true;
    m.state.cpl = cpl;
    m.state.gpr[RS_RSP] = UINT64_C(0x7777777700000000) | (FAKE_USER_STACK - 0x100 - 0x10000);
    push_slots(FAKE_USER_STACK - 0x100, 4,
               (const uint64_t[]){0x00401000, 0x23, 0x246, 0x0014f000, 0x2b});
}

START_TEST(compatibility_mode_same_level)
{
    enter_compatibility(3);
    fake_machine_run(&m, iretd);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.rip, 0x00401000);
    /* Past three doublewords, in 32 bits; SS as it was. */
    ck_assert_uint_eq(m.result.after.gpr[RS_RSP], FAKE_USER_STACK - 0x100 - 0x10000 + 12);
    ck_assert_uint_eq(m.result.after.ss.selector, m.state.ss.selector);
}
END_TEST

START_TEST(compatibility_mode_outer_level)
{
    enter_compatibility(0);
    fake_machine_run(&m, iretd);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.gpr[RS_RSP], 0x0014f000);
    ck_assert_uint_eq(m.result.after.ss.selector, 0x2b);
}
END_TEST

START_TEST(compatibility_mode_with_a_16_bit_stack)
{
    enter_compatibility(3);
    m.state.ss.db = false;
    m.state.ss.base = FAKE_USER_STACK - 0x100 - 0x1230;
    m.state.gpr[RS_RSP] = 0xabcd1230;
    fake_machine_run(&m, iretd);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.rip, 0x00401000);
    ck_assert_uint_eq(m.result.after.gpr[RS_RSP], 0xabcd1230 + 12);
}
END_TEST

/* Faults: each row is a frame that breaks one rule; error is the SDM's error code, EXT 0. */
// clang-format off
static const struct {
    const char *name;
    uint64_t rip, cs, ss;
    const char *why;
    uint8_t vector;
    uint32_t error;
} faults[] = {
    {"null CS", 0, 0, 0x2b, "#GP(0): the popped CS is null", 13, 0},
    {"null CS with RPL 3", 0, 3, 0x2b, "#GP(0): the popped CS is null", 13, 0},
    {"CS outside the GDT", 0, (FAKE_GDT_LIMIT + 1) | 3, 0x2b,
     "#GP(selector): the selector is outside its descriptor table", 13, FAKE_GDT_LIMIT + 1},
    {"CS is data", 0, 0x2b, 0x2b, "#GP(selector): the popped CS names no code segment", 13, 0x28},
    {"CS is a TSS", 0, 0x40, 0x18, "#GP(selector): the popped CS names no code segment", 13, 0x40},
    {"CS with L and D", 0, FAKE_SEL_R0_CODE_L_D, 0x18,
     "#GP(selector): the popped CS has both L and D set", 13, FAKE_SEL_R0_CODE_L_D},
    {"DPL 0 code with RPL 3", 0, 0x13, 0x2b, "#GP(selector): CS with DPL other than RPL", 13, 0x10},
    {"DPL 3 code with RPL 0", 0, 0x30, 0x18, "#GP(selector): CS with DPL other than RPL", 13, 0x30},
    {"conforming, DPL > RPL", 0, FAKE_SEL_R3_CONFORMING | 1, 0x2b,
     "#GP(selector): conforming CS with DPL > RPL", 13, FAKE_SEL_R3_CONFORMING},
    {"CS absent", 0, FAKE_SEL_R0_ABSENT, 0x18, "#NP(selector): the popped CS is not present", 11,
     FAKE_SEL_R0_ABSENT},
    {"null SS to compatibility mode", 0, 0x23, 0, "#GP(0): the popped SS is null, CS is not 64-bit",
     13, 0},
    {"null SS to CPL 3", 0, 0x33, 3, "#GP(0): the popped SS is null, CPL is 3", 13, 0},
    {"null SS with another RPL", 0, 0x10, 1,
     "#GP(0): the popped SS is null, its RPL is not the new CPL", 13, 0},
    {"SS outside the GDT", 0, 0x33, (FAKE_GDT_LIMIT + 1) | 3,
     "#GP(selector): the selector is outside its descriptor table", 13, FAKE_GDT_LIMIT + 1},
    {"SS with another RPL", 0, 0x33, 0x28, "#GP(selector): RPL of the popped SS is not that of CS",
     13, 0x28},
    {"SS is a TSS", 0, 0x10, 0x40, "#GP(selector): the popped SS is no writable data segment", 13,
     0x40},
    {"SS is code", 0, 0x33, 0x33, "#GP(selector): the popped SS is no writable data segment", 13,
     0x30},
    {"SS is read-only", 0, 0x33, FAKE_SEL_R3_READ_ONLY | 3,
     "#GP(selector): the popped SS is no writable data segment", 13, FAKE_SEL_R3_READ_ONLY},
    {"DPL of SS", 0, 0x33, KGDT64_R0_DATA | 3,
     "#GP(selector): DPL of the popped SS is not the RPL of CS", 13, 0x18},
    {"SS absent", 0, 0x33, FAKE_SEL_R3_ABSENT_DATA | 3,
     "#SS(selector): the popped SS is not present", 12, FAKE_SEL_R3_ABSENT_DATA},
    {"RIP", 0x0000800000000000, 0x33, 0x2b, "#GP(0): the popped RIP is not canonical", 13, 0},
    {"EIP", 0x10000, FAKE_SEL_R0_CODE32, 0x18, "#GP(0): the popped EIP is outside the code segment",
     13, 0},
};
// clang-format on

static void check_fault(const char *name, const char *why, uint8_t vector, uint32_t error)
{
    bool found = false;

    for (unsigned i = 0; i < m.result.step_count; i++)
        if (strcmp(m.result.steps[i].text, why) == 0)
            found = true;
    ck_assert_msg(found, "%s: no step '%s'", name, why);
    assert_row_eq(name, m.result.outcome, RS_MODEL_FAULT);
    assert_row_eq(name, m.result.fault_vector, vector);
    assert_row_eq(name, m.result.fault_error_code, error);
    /* Raised by IRET, on the stack and at the level of before. */
    assert_row_eq(name, m.result.frame[1], m.state.rip);
    assert_row_eq(name, m.result.frame[2], m.state.cs.selector);
    assert_row_eq(name, m.result.frame[4], m.state.gpr[RS_RSP]);
    assert_row_eq(name, m.result.after.cpl, 0);
}

START_TEST(frame_rules)
{
    /* One byte past the limit for the EIP row; other rows do not look at it. */
    m.gdt[FAKE_SEL_R0_CODE32 / 8] = UINT64_C(0x00409b000000ffff);
    push(faults[_i].rip, faults[_i].cs, 2, 0x1000, faults[_i].ss);
    fake_machine_run(&m, iretq);
    check_fault(faults[_i].name, faults[_i].why, faults[_i].vector, faults[_i].error);
}
END_TEST

START_TEST(eip_at_the_limit_is_inside)
{
    m.gdt[FAKE_SEL_R0_CODE32 / 8] = UINT64_C(0x00409b000000ffff);
    push(0xffff, FAKE_SEL_R0_CODE32, 2, 0x1000, 0x18);
    fake_machine_run(&m, iretq);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
}
END_TEST

START_TEST(rpl_must_not_be_inner)
{
    rs_segment_decode(m.gdt[KGDT64_R3_CODE / 8], 0x33, &m.state.cs);
    m.state.cpl = 3;
    push(FAKE_KERNEL_RIP, 0x10, 2, 0x1000, 0x18);
    fake_machine_run(&m, iretq);
    check_fault("ring 3 to ring 0", "#GP(selector): the popped CS has an RPL less than CPL", 13,
                0x10);
}
END_TEST

/* NT is refused before anything is popped; NMIs are unmasked even so. */
START_TEST(nt_is_refused)
{
    m.state.rflags |= RFLAGS_NT;
    m.state.nmi_blocked = true;
    m.state.gpr[RS_RSP] = FAKE_KERNEL_STACK - 0x10;
    fake_machine_run(&m, iretq);
    check_fault("NT", "#GP(0): RFLAGS.NT is 1 in IA-32e mode", 13, 0);
    ck_assert_uint_eq(m.result.after.nmi_blocked, 0);
}
END_TEST

/* The frame may end at the hole. */
START_TEST(stack_may_end_at_the_edge)
{
    m.regions[FAKE_REGION_KERNEL_STACK].gva =
        0x0000800000000000 - PAGE_SIZE; /* the kernel stack's page */
    m.state.gpr[RS_RSP] = 0x0000800000000000 - 40;
    for (unsigned i = 0; i < 5; i++)
        m.stack[8][507 + i] = m.stack[8][512 - 32 + i]; /* the frame that setup() pushed */
    fake_machine_run(&m, iretq);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
}
END_TEST

/* The frame outside canonical addresses: #SS(0). #SS gets a stack of its own. */
static const uint64_t bad_stacks[] = {
    0x0000800000000000,     /* the first slot */
    0x0000800000000000 - 7, /* its last byte */
};

START_TEST(stack_must_be_canonical)
{
    fake_machine_set_gate(&m, 12, 0x8e06, KGDT64_R0_CODE, FAKE_HANDLER(12));
    m.state.gpr[RS_RSP] = bad_stacks[_i];
    fake_machine_run(&m, iretq);
    check_fault("RSP", "#SS(0): the frame is at a non-canonical address", 12, 0);
}
END_TEST

/* Slots on a page that is not mapped: #PF, with U by CPL, at the first missing one. */
START_TEST(missing_slots_are_page_faults)
{
    uint64_t rsp = FAKE_USER_STACK - 8 * (uint64_t)_i;

    for (unsigned cpl = 0; cpl <= 3; cpl += 3) {
        setup();
        fake_machine_set_gate(&m, 14, 0x8e06, KGDT64_R0_CODE, FAKE_HANDLER(14));
        m.state.cpl = (uint8_t)cpl;
        m.state.gpr[RS_RSP] = rsp;
        fake_machine_run(&m, iretq);
        ck_assert_int_eq(m.result.outcome, RS_MODEL_FAULT);
        ck_assert_uint_eq(m.result.fault_vector, 14);
        ck_assert_uint_eq(m.result.fault_error_code, cpl == 3 ? 4 : 0);
        ck_assert_uint_eq(m.result.after.cr2, FAKE_USER_STACK);
    }
}
END_TEST

/* Descriptors on a page that is not mapped: an access of the processor's own, U = 0. */
START_TEST(missing_descriptors_are_page_faults)
{
    fake_machine_unmap(&m, FAKE_GDT);
    fake_machine_run(&m, iretq);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_SHUTDOWN);
    ck_assert_str_eq(m.result.steps[5].text, "#PF: the memory is not mapped");
    ck_assert_uint_eq(m.result.steps[5].value, 0);
    ck_assert_uint_eq(m.result.steps[6].value, FAKE_GDT + KGDT64_R3_CODE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("iret");
    TCase *tests = tcase_create("iret");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, returns_to_ring_3);
    tcase_add_test(tests, returns_to_the_same_level);
    tcase_add_test(tests, delivery_and_iret_are_inverse);
    tcase_add_loop_test(tests, flag_rules, 0, ARRAY_SIZE(flags));
    tcase_add_test(tests, if_needs_cpl_at_most_iopl);
    tcase_add_test(tests, null_ss_is_allowed_below_cpl_3);
    tcase_add_test(tests, returns_to_conforming_code);
    tcase_add_test(tests, returns_to_conforming_code_of_its_own_level);
    tcase_add_test(tests, returns_to_compatibility_mode);
    tcase_add_test(tests, returns_to_a_16_bit_stack);
    tcase_add_test(tests, iretd_pops_doublewords);
    tcase_add_test(tests, iretw_pops_words);
    tcase_add_loop_test(tests, other_operands_are_the_64_bit_form, 3, 256);
    tcase_add_test(tests, compatibility_mode_same_level);
    tcase_add_test(tests, compatibility_mode_outer_level);
    tcase_add_test(tests, compatibility_mode_with_a_16_bit_stack);
    tcase_add_loop_test(tests, frame_rules, 0, ARRAY_SIZE(faults));
    tcase_add_test(tests, eip_at_the_limit_is_inside);
    tcase_add_test(tests, rpl_must_not_be_inner);
    tcase_add_test(tests, nt_is_refused);
    tcase_add_test(tests, stack_may_end_at_the_edge);
    tcase_add_loop_test(tests, stack_must_be_canonical, 0, ARRAY_SIZE(bad_stacks));
    tcase_add_loop_test(tests, missing_slots_are_page_faults, 0, 5);
    tcase_add_test(tests, missing_descriptors_are_page_faults);
    suite_add_tcase(suite, tests);
    return unit_run(suite);
}
