/* SPDX-License-Identifier: MIT
 * Which transitions #DB of RFLAGS.TF follows: SDM Vol. 3B, "Single-Step Exception Condition". */
#include "fake_machine.h"
#include "unit.h"

static struct fake_machine m;

static bool steps(struct rs_cause cause)
{
    fake_machine_run(&m, cause);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    return rs_model_single_step(&m.state, &cause, &m.result);
}

static void make_frame(uint64_t rflags)
{
    const uint64_t frame[] = {FAKE_USER_RIP, KGDT64_R3_CODE | RPL_MASK, rflags, FAKE_USER_STACK,
                              KGDT64_R3_DATA | RPL_MASK};

    fake_machine_init(&m);
    fake_machine_enter_kernel(&m);
    for (unsigned i = 0; i < ARRAY_SIZE(frame); i++)
        fake_machine_poke(&m, m.state.gpr[RS_RSP] + 8 * i, frame[i]);
}

START_TEST(iret_is_stepped_by_the_flag_that_it_had)
{
    const struct rs_cause iret = {.kind = RS_CAUSE_IRET, .length = 2, .operand = 1};

    make_frame(RFLAGS_FIXED);
    m.state.rflags |= RFLAGS_TF;
    ck_assert(steps(iret));
    make_frame(RFLAGS_FIXED | RFLAGS_TF);
    ck_assert(!steps(iret));
}
END_TEST

START_TEST(syscall_is_stepped_by_the_flag_that_fmask_leaves)
{
    const struct rs_cause syscall = {.kind = RS_CAUSE_SYSCALL, .length = 2};

    fake_machine_init(&m);
    m.state.rflags |= RFLAGS_TF;
    m.state.fmask = RFLAGS_TF;
    ck_assert(!steps(syscall));
    m.state.fmask = 0;
    ck_assert(steps(syscall));
}
END_TEST

START_TEST(sysret_is_stepped_by_the_flag_that_it_loads)
{
    const struct rs_cause sysret = {.kind = RS_CAUSE_SYSRET, .length = 3, .operand = 1};

    fake_machine_init(&m);
    fake_machine_enter_kernel(&m);
    m.state.gpr[RS_RCX] = FAKE_USER_RIP;
    m.state.gpr[RS_R11] = RFLAGS_FIXED;
    ck_assert(!steps(sysret));
    m.state.gpr[RS_R11] |= RFLAGS_TF;
    ck_assert(steps(sysret));
}
END_TEST

/* Delivery has cleared TF by then. */
START_TEST(nothing_that_is_delivered_is_stepped)
{
    fake_machine_init(&m);
    m.state.rflags |= RFLAGS_TF;
    ck_assert(!steps((struct rs_cause){.kind = RS_CAUSE_INT3, .length = 1}));
    ck_assert(!steps((struct rs_cause){.kind = RS_CAUSE_NMI}));
    ck_assert(!steps((struct rs_cause){.kind = RS_CAUSE_EXCEPTION, .vector = RS_VECTOR_UD}));
}
END_TEST

START_TEST(into_is_stepped_when_it_does_nothing)
{
    const struct rs_cause into = {.kind = RS_CAUSE_INTO, .length = 1};

    fake_machine_init(&m);
    fake_machine_enter_compatibility(&m);
    m.state.rflags |= RFLAGS_TF;
    ck_assert(steps(into));
    m.state.rflags |= RFLAGS_OF;
    ck_assert(!steps(into));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("single_step");

    UNIT_ADD(suite, iret_is_stepped_by_the_flag_that_it_had);
    UNIT_ADD(suite, syscall_is_stepped_by_the_flag_that_fmask_leaves);
    UNIT_ADD(suite, sysret_is_stepped_by_the_flag_that_it_loads);
    UNIT_ADD(suite, nothing_that_is_delivered_is_stepped);
    UNIT_ADD(suite, into_is_stepped_when_it_does_nothing);
    return unit_run(suite);
}
