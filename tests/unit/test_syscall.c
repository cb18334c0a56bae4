/* SPDX-License-Identifier: MIT
 * SYSCALL and SYSRET. Expected values: SDM Vol. 2B, "SYSCALL" and "SYSRET", Operation; for AMD, APM
 * Vol. 3, the same titles. STAR is NT's, 0023_0010_0000_0000, unless a row says otherwise. */
#include "fake_machine.h"
#include "unit.h"

static struct fake_machine m;

static void setup(void)
{
    fake_machine_init(&m);
}

static const struct rs_cause syscall_insn = {.kind = RS_CAUSE_SYSCALL, .length = 2};
static const struct rs_cause sysretq = {.kind = RS_CAUSE_SYSRET, .length = 3, .operand = 1};
static const struct rs_cause sysretl = {.kind = RS_CAUSE_SYSRET, .length = 2, .operand = 0};

static void check_flat(const struct rs_segment *segment, uint8_t type, uint8_t dpl)
{
    ck_assert_uint_eq(segment->base, 0);
    ck_assert_uint_eq(segment->limit, 0xffffffff); /* FFFFFh pages: G = 1 */
    ck_assert_uint_eq(segment->type, type);
    ck_assert_uint_eq(segment->s, 1);
    ck_assert_uint_eq(segment->p, 1);
    ck_assert_uint_eq(segment->g, 1);
    ck_assert_uint_eq(segment->dpl, dpl);
    ck_assert_uint_eq(segment->unusable, 0);
}

START_TEST(syscall_enters_ring_0)
{
    uint64_t rsp = m.state.gpr[RS_RSP];

    m.state.gpr[RS_RAX] = 0x0f;
    m.state.rflags = 0x4f46; /* NT OF DF IF TF ZF PF and bit 1 */
    fake_machine_run(&m, syscall_insn);

    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.rip, FAKE_LSTAR);
    ck_assert_uint_eq(m.result.after.gpr[RS_RCX], FAKE_USER_RIP + 2);
    ck_assert_uint_eq(m.result.after.gpr[RS_R11], 0x4f46);
    /* FMASK 0x4700 = NT, DF, IF, TF */
    ck_assert_uint_eq(m.result.after.rflags, 0x0846);
    ck_assert_uint_eq(m.result.after.cpl, 0);
    ck_assert_uint_eq(m.result.after.cs.selector, 0x10);
    check_flat(&m.result.after.cs, 0xb, 0);
    ck_assert_uint_eq(m.result.after.cs.l, 1);
    ck_assert_uint_eq(m.result.after.cs.db, 0);
    ck_assert_uint_eq(m.result.after.ss.selector, 0x18);
    check_flat(&m.result.after.ss, 0x3, 0);
    ck_assert_uint_eq(m.result.after.ss.db, 1);
    /* Not touched, not pushed. */
    ck_assert_uint_eq(m.result.after.gpr[RS_RSP], rsp);
    ck_assert_uint_eq(m.result.after.gpr[RS_RAX], 0x0f);
    ck_assert_uint_eq(m.result.frame_count, 0);
    ck_assert_uint_eq(m.result.gate_type, 0);
}
END_TEST

/* CS is masked with FFFCh; SS is the unmasked field plus 8, in 16 bits. */
static const struct {
    const char *name;
    uint64_t star;
    uint16_t cs, ss;
} selectors[] = {
    {"NT", 0x0023001000000000, 0x10, 0x18},
    {"low half is not used", 0x00230010ffffffff, 0x10, 0x18},
    {"RPL bits", 0x0000001300000000, 0x10, 0x1b},
    {"wraps at 16 bits", 0x0000fffb00000000, 0xfff8, 0x0003},
};

START_TEST(syscall_selectors)
{
    m.state.star = selectors[_i].star;
    fake_machine_run(&m, syscall_insn);
    assert_row_eq(selectors[_i].name, m.result.after.cs.selector, selectors[_i].cs);
    assert_row_eq(selectors[_i].name, m.result.after.ss.selector, selectors[_i].ss);
}
END_TEST

START_TEST(flags_come_back)
{
    m.state.rflags = 0x4f46;
    fake_machine_run(&m, syscall_insn);
    m.state = m.result.after;
    fake_machine_run(&m, sysretq);
    ck_assert_uint_eq(m.result.after.rflags, 0x4f46);
    ck_assert_uint_eq(m.result.after.rip, FAKE_USER_RIP + 2);
    ck_assert_uint_eq(m.result.after.cpl, 3);
}
END_TEST

START_TEST(fmask_cannot_clear_the_fixed_bit)
{
    m.state.fmask = UINT64_MAX;
    fake_machine_run(&m, syscall_insn);
    ck_assert_uint_eq(m.result.after.rflags, 2);
}
END_TEST

/* Intel keeps RF in R11 and masks it by FMASK alone; AMD clears it in both. */
START_TEST(rf_differs_between_vendors)
{
    m.state.rflags = 0x10202;
    fake_machine_run(&m, syscall_insn);
    ck_assert_uint_eq(m.result.after.gpr[RS_R11], 0x10202);
    ck_assert_uint_eq(m.result.after.rflags, 0x10002);

    m.env.vendor = RS_VENDOR_AMD;
    fake_machine_run(&m, syscall_insn);
    ck_assert_uint_eq(m.result.after.gpr[RS_R11], 0x202);
    ck_assert_uint_eq(m.result.after.rflags, 0x2);
}
END_TEST

/* #UD: pushed RIP is the instruction's, and nothing has changed. */
static void check_undefined(const char *name)
{
    assert_row_eq(name, m.result.outcome, RS_MODEL_FAULT);
    assert_row_eq(name, m.result.fault_vector, 6);
    assert_row_eq(name, m.result.fault_has_error_code, 0);
    assert_row_eq(name, m.result.fault_error_code, 0);
    assert_row_eq(name, m.result.frame_count, 5);
    assert_row_eq(name, m.result.frame[0], m.state.rip);
    assert_row_eq(name, m.result.after.gpr[RS_RCX], m.state.gpr[RS_RCX]);
    assert_row_eq(name, m.result.after.gpr[RS_R11], m.state.gpr[RS_R11]);
}

START_TEST(need_sce)
{
    for (unsigned vendor = RS_VENDOR_INTEL; vendor <= RS_VENDOR_AMD; vendor++) {
        m.env.vendor = (enum rs_vendor)vendor;
        m.state.efer = EFER_LME | EFER_LMA;
        fake_machine_run(&m, syscall_insn);
        check_undefined("SYSCALL");
        fake_machine_run(&m, sysretq); /* at CPL 3: #UD comes before #GP */
        check_undefined("SYSRET");
    }
}
END_TEST

START_TEST(need_long_mode)
{
    m.state.efer = EFER_SCE;
    fake_machine_run(&m, syscall_insn);
    check_undefined("SYSCALL");
    fake_machine_run(&m, sysretq);
    check_undefined("SYSRET");
}
END_TEST

START_TEST(compatibility_mode_is_undefined_on_intel)
{
    fake_machine_enter_compatibility(&m);
    fake_machine_run(&m, syscall_insn);
    check_undefined("SYSCALL");
    fake_machine_run(&m, sysretl);
    check_undefined("SYSRET");
}
END_TEST

START_TEST(compatibility_mode_enters_at_cstar_on_amd)
{
    m.env.vendor = RS_VENDOR_AMD;
    fake_machine_enter_compatibility(&m);
    m.state.rip = 0xfffffffe;
    fake_machine_run(&m, syscall_insn);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.rip, FAKE_CSTAR);
    ck_assert_uint_eq(m.result.after.gpr[RS_RCX], 0); /* EIP + 2 in 32 bits */
    ck_assert_uint_eq(m.result.after.cs.l, 1);
}
END_TEST

static void enter_kernel(void)
{
    fake_machine_enter_kernel(&m);
    m.state.gpr[RS_RSP] = FAKE_USER_STACK - 0x38; /* the kernel has restored it */
    m.state.gpr[RS_RCX] = FAKE_USER_RIP + 2;
    m.state.gpr[RS_R11] = 0x246;
}

START_TEST(sysretq_leaves_ring_0)
{
    enter_kernel();
    fake_machine_run(&m, sysretq);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.rip, FAKE_USER_RIP + 2);
    ck_assert_uint_eq(m.result.after.rflags, 0x246);
    ck_assert_uint_eq(m.result.after.cpl, 3);
    /* (23h + 16) OR 3, (23h + 8) OR 3 */
    ck_assert_uint_eq(m.result.after.cs.selector, 0x33);
    check_flat(&m.result.after.cs, 0xb, 3);
    ck_assert_uint_eq(m.result.after.cs.l, 1);
    ck_assert_uint_eq(m.result.after.cs.db, 0);
    ck_assert_uint_eq(m.result.after.ss.selector, 0x2b);
    check_flat(&m.result.after.ss, 0x3, 3);
    ck_assert_uint_eq(m.result.after.ss.db, 1);
    ck_assert_uint_eq(m.result.after.gpr[RS_RSP], FAKE_USER_STACK - 0x38);
}
END_TEST

START_TEST(sysretl_leaves_to_32_bit_code)
{
    enter_kernel();
    m.state.gpr[RS_RCX] = 0xdeadbeef00401002;
    fake_machine_run(&m, sysretl);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.rip, 0x00401002);
    ck_assert_uint_eq(m.result.after.cs.selector, 0x23);
    check_flat(&m.result.after.cs, 0xb, 3);
    ck_assert_uint_eq(m.result.after.cs.l, 0);
    ck_assert_uint_eq(m.result.after.cs.db, 1);
    ck_assert_uint_eq(m.result.after.ss.selector, 0x2b);
}
END_TEST

/* Intel: OR 3 in both. AMD: in CS only. */
START_TEST(sysret_rpl)
{
    enter_kernel();
    m.state.star = UINT64_C(0x0020001000000000);
    fake_machine_run(&m, sysretq);
    ck_assert_uint_eq(m.result.after.cs.selector, 0x33);
    ck_assert_uint_eq(m.result.after.ss.selector, 0x2b);

    m.env.vendor = RS_VENDOR_AMD;
    fake_machine_run(&m, sysretq);
    ck_assert_uint_eq(m.result.after.cs.selector, 0x33);
    ck_assert_uint_eq(m.result.after.ss.selector, 0x28);
}
END_TEST

/* (R11 AND 3C7FD7h) OR 2: of all ones, RF (10000h), VM (20000h) and reserved bits go. */
START_TEST(sysret_flags)
{
    enter_kernel();
    m.state.gpr[RS_R11] = UINT64_MAX;
    fake_machine_run(&m, sysretq);
    ck_assert_uint_eq(m.result.after.rflags, 0x3c7fd7);
    m.state.gpr[RS_R11] = 0;
    fake_machine_run(&m, sysretq);
    ck_assert_uint_eq(m.result.after.rflags, 2);
}
END_TEST

START_TEST(sysret_needs_cpl_0)
{
    for (unsigned vendor = RS_VENDOR_INTEL; vendor <= RS_VENDOR_AMD; vendor++) {
        m.env.vendor = (enum rs_vendor)vendor;
        fake_machine_run(&m, sysretq);
        ck_assert_int_eq(m.result.outcome, RS_MODEL_FAULT);
        ck_assert_uint_eq(m.result.fault_vector, 13);
        ck_assert_uint_eq(m.result.fault_error_code, 0);
        ck_assert_uint_eq(m.result.frame[1], FAKE_USER_RIP);
    }
}
END_TEST

/* Intel: #GP(0) at CPL 0, on the user's stack pointer. */
START_TEST(sysret_to_a_non_canonical_address_on_intel)
{
    enter_kernel();
    m.state.gpr[RS_RCX] = 0x0000800000000000;
    fake_machine_run(&m, sysretq);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_FAULT);
    ck_assert_uint_eq(m.result.fault_vector, 13);
    ck_assert_uint_eq(m.result.fault_error_code, 0);
    ck_assert_uint_eq(m.result.frame[1], FAKE_KERNEL_RIP);
    ck_assert_uint_eq(m.result.frame[2], 0x10);
    ck_assert_uint_eq(m.result.after.cpl, 0);
    ck_assert_uint_eq(m.result.frame_gva, FAKE_USER_STACK - 0x40 - 6 * 8);
}
END_TEST

START_TEST(sysret_canonical_with_57_bits)
{
    enter_kernel();
    m.state.cr4 |= CR4_LA57;
    m.state.gpr[RS_RCX] = 0x0000800000000000;
    fake_machine_run(&m, sysretq);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
}
END_TEST

/* AMD: SYSRET completes; the fetch will fault at CPL 3. */
START_TEST(sysret_to_a_non_canonical_address_on_amd)
{
    enter_kernel();
    m.env.vendor = RS_VENDOR_AMD;
    m.state.gpr[RS_RCX] = 0x0000800000000000;
    fake_machine_run(&m, sysretq);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.rip, 0x0000800000000000);
    ck_assert_uint_eq(m.result.after.cpl, 3);
}
END_TEST

/* AMD: a null SS, as an interrupt leaves it, stays unusable; only its selector changes. */
START_TEST(sysret_keeps_ss_attributes_on_amd)
{
    enter_kernel();
    m.env.vendor = RS_VENDOR_AMD;
    m.state.ss = (struct rs_segment){.unusable = true};
    fake_machine_run(&m, sysretq);
    ck_assert_uint_eq(m.result.after.ss.selector, 0x2b);
    ck_assert_uint_eq(m.result.after.ss.unusable, 1);
    ck_assert_uint_eq(m.result.after.ss.limit, 0);
}
END_TEST

START_TEST(sysretl_from_compatibility_mode_on_amd)
{
    fake_machine_enter_compatibility(&m);
    m.env.vendor = RS_VENDOR_AMD;
    m.state.cpl = 0;
    m.state.gpr[RS_RCX] = 0x401234;
    fake_machine_run(&m, sysretl);
    ck_assert_int_eq(m.result.outcome, RS_MODEL_DONE);
    ck_assert_uint_eq(m.result.after.rip, 0x401234);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("syscall");
    TCase *tests = tcase_create("syscall");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, syscall_enters_ring_0);
    tcase_add_loop_test(tests, syscall_selectors, 0, ARRAY_SIZE(selectors));
    tcase_add_test(tests, flags_come_back);
    tcase_add_test(tests, fmask_cannot_clear_the_fixed_bit);
    tcase_add_test(tests, rf_differs_between_vendors);
    tcase_add_test(tests, need_sce);
    tcase_add_test(tests, need_long_mode);
    tcase_add_test(tests, compatibility_mode_is_undefined_on_intel);
    tcase_add_test(tests, compatibility_mode_enters_at_cstar_on_amd);
    tcase_add_test(tests, sysretq_leaves_ring_0);
    tcase_add_test(tests, sysretl_leaves_to_32_bit_code);
    tcase_add_test(tests, sysret_rpl);
    tcase_add_test(tests, sysret_flags);
    tcase_add_test(tests, sysret_needs_cpl_0);
    tcase_add_test(tests, sysret_to_a_non_canonical_address_on_intel);
    tcase_add_test(tests, sysret_canonical_with_57_bits);
    tcase_add_test(tests, sysret_to_a_non_canonical_address_on_amd);
    tcase_add_test(tests, sysret_keeps_ss_attributes_on_amd);
    tcase_add_test(tests, sysretl_from_compatibility_mode_on_amd);
    suite_add_tcase(suite, tests);
    return unit_run(suite);
}
