/* SPDX-License-Identifier: MIT
 * What hosts are known to do otherwise, each in a case that shows it. */
#include "fake_case.h"
#include "unit.h"

#define CODE32_R0 UINT64_C(0x00cf9b000000ffff)
#define CODE32_R3_SHORT UINT64_C(0x0040fb0000000fff)
#define CODE64_R1 UINT64_C(0x0020bb0000000000)
#define DATA_R3_ABSENT UINT64_C(0x00cf73000000ffff)
#define CODE64_R3_WIDE UINT64_C(0x0060fb0000000000)

START_TEST(a_selectors_rpl_becomes_the_cpl)
{
    fake_plain(UD2);
    fake_set_selector(RS_VECTOR_UD, KGDT64_R0_CODE | RPL_MASK);
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.cs.selector, KGDT64_R0_CODE);
    ck_assert_uint_eq(fake_prediction.state.cpl, 0);
    fake_predict_with("gate.rpl");
    ck_assert_uint_eq(fake_prediction.state.cs.selector, KGDT64_R0_CODE | RPL_MASK);
    ck_assert_uint_eq(fake_prediction.state.cpl, 3);
    ck_assert_uint_eq(fake_prediction.state.gpr[RS_RSP], PROBE_STACK3 - 0x100 - 40);
    ck_assert(fake_prediction.applied != 0);
}
END_TEST

START_TEST(what_is_no_code_is_entered_as_it_is)
{
    fake_plain(UD2);
    fake_set_selector(RS_VECTOR_UD, KGDT64_R0_DATA);
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, PROBE_VECTORS + RS_VECTOR_GP * PROBE_GATE_SIZE);
    fake_predict_with("gate.selector.data");
    ck_assert_int_eq(fake_prediction.end, RS_FUZZ_FETCH);
    ck_assert_uint_eq(fake_prediction.state.rip, PROBE_VECTORS + RS_VECTOR_UD * PROBE_GATE_SIZE);
    ck_assert(!fake_prediction.state.cs.l);
    ck_assert_uint_eq(fake_prediction.state.cs.selector, KGDT64_R0_DATA);
    /* It changes nothing where there is nothing to change. */
    fake_set_selector(RS_VECTOR_UD, KGDT64_R0_CODE);
    fake_predict_with("gate.selector.data");
    ck_assert(fake_prediction.applied == 0);
}
END_TEST

/* #GP whose handler cannot be fetched: frames until the stack ends, in memory that there is. */
START_TEST(what_falls_ends)
{
    uint64_t gate[2] = {UINT64_C(1) << 47 | (uint64_t)DESC_TYPE_INTERRUPT_GATE << 40 |
                        (uint64_t)KGDT64_R0_CODE << 16};

    fake_plain(UD2);
    rs_gate_set_offset(gate, PROBE_NON_CANONICAL);
    rs_fuzz_put(&fake_case, PROBE_IDT + RS_VECTOR_UD * sizeof(gate), gate, sizeof(gate));
    rs_fuzz_put(&fake_case, PROBE_IDT + RS_VECTOR_GP * sizeof(gate), gate, sizeof(gate));
    fake_predict_with("gate.offset");
    ck_assert(fake_prediction.fell);
    ck_assert_int_eq(fake_prediction.end, RS_FUZZ_SHUTDOWN);
}
END_TEST

START_TEST(a_frame_below_a_canonical_top_is_any_access)
{
    fake_plain(UD2);
    rs_fuzz_put(&fake_case, PROBE_TSS + TSS64_RSP0, &(uint64_t){PROBE_UPPER}, sizeof(uint64_t));
    rs_fuzz_put(&fake_case, PROBE_TSS + TSS64_IST1, &(uint64_t){PROBE_RSP0}, sizeof(uint64_t));
    rs_fuzz_put(&fake_case, PROBE_IDT + RS_VECTOR_SS * 16u + 4, "\1", 1);
    rs_fuzz_put(&fake_case, PROBE_IDT + RS_VECTOR_GP * 16u + 4, "\1", 1);
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_SS));
    fake_predict_with("gate.stack.below");
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_GP));
    ck_assert(fake_prediction.applied != 0);
}
END_TEST

START_TEST(a_null_ss_of_any_rpl_is_taken)
{
    fake_return(IRETQ, PROBE_TARGET, KGDT64_R0_CODE, RFLAGS_FIXED, 2);
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_GP));
    fake_predict_with("iret.ss.null.rpl");
    ck_assert_uint_eq(fake_prediction.state.rip, PROBE_TARGET);
    ck_assert_uint_eq(fake_prediction.state.ss.selector, 2);
    ck_assert(fake_prediction.applied != 0);
}
END_TEST

START_TEST(a_null_ss_is_taken_for_32_bit_code)
{
    fake_return(IRETQ, PROBE_TARGET, FUZZ_GDT_RANDOM * 8u, RFLAGS_FIXED, 0);
    fake_descriptor(CODE32_R0);
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_GP));
    fake_predict_with("iret.ss.null.32");
    ck_assert_uint_eq(fake_prediction.state.rip, PROBE_TARGET);
    ck_assert(!fake_prediction.state.cs.l && fake_prediction.state.cs.db);
}
END_TEST

START_TEST(code_with_both_l_and_d_is_entered)
{
    fake_return(IRETQ, PROBE_TARGET, FUZZ_GDT_RANDOM * 8u | RPL_MASK, RFLAGS_FIXED,
                KGDT64_R3_DATA | RPL_MASK);
    fake_descriptor(CODE64_R3_WIDE);
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_GP));
    fake_predict_with("iret.cs.wide");
    ck_assert_uint_eq(fake_prediction.state.rip, PROBE_TARGET);
    ck_assert(fake_prediction.state.cs.l && fake_prediction.state.cs.db);
}
END_TEST

START_TEST(a_return_with_rf_ends_without_it)
{
    fake_return(IRETQ, PROBE_TARGET, KGDT64_R0_CODE, RFLAGS_FIXED | RFLAGS_RF, 0);
    fake_case.before.rflags |= RFLAGS_RF;
    fake_predict();
    ck_assert(fake_prediction.state.rflags & RFLAGS_RF);
    fake_predict_with("iret.rf");
    ck_assert(!(fake_prediction.state.rflags & RFLAGS_RF));
    fake_case.before.rflags &= ~RFLAGS_RF;
    fake_predict_with("iret.rf");
    ck_assert(fake_prediction.state.rflags & RFLAGS_RF);
}
END_TEST

START_TEST(sysret_loads_rf)
{
    fake_return("\x48\x0f\x07", 0, 0, 0, 0);
    fake_case.before.rip--;
    rs_fuzz_put(&fake_case, fake_case.before.rip, "\x48\x0f\x07", 3);
    fake_case.before.gpr[RS_RCX] = PROBE_TARGET;
    fake_case.before.gpr[RS_R11] = RFLAGS_FIXED | RFLAGS_RF;
    fake_case.before.efer |= EFER_SCE;
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, PROBE_TARGET);
    ck_assert(!(fake_prediction.state.rflags & RFLAGS_RF));
    fake_predict_with("sysret.rf");
    ck_assert(fake_prediction.state.rflags & RFLAGS_RF);
}
END_TEST

/* The fault shows the address of the low half, the frame all of RSP. */
START_TEST(iretd_pops_from_esp)
{
    const uint64_t rsp = UINT64_C(0x7f00000000) | (PROBE_NOT_PRESENT + 0x800);

    fake_return("\x90\xcf", 0, 0, 0, 0);
    fake_case.before.rip++;
    fake_case.before.gpr[RS_RSP] = rsp;
    rs_fuzz_put(&fake_case, PROBE_TSS + TSS64_IST1, &(uint64_t){PROBE_RSP0}, sizeof(uint64_t));
    rs_fuzz_put(&fake_case, PROBE_IDT + RS_VECTOR_PF * 16u + 4, "\1", 1);
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.cr2, rsp);
    fake_predict_with("iret.d.stack");
    ck_assert_uint_eq(fake_prediction.state.cr2, rsp & UINT32_MAX);
    ck_assert_uint_eq(fake_prediction.frames[0].words[4], rsp);
}
END_TEST

/* RIP above 4 GiB in 32-bit code: the fetch leaves it out, the frame has it. */
START_TEST(a_wide_rip_is_pushed_and_not_fetched)
{
    const uint64_t rip = UINT64_C(0x7f00000000) | PROBE_NOT_PRESENT;

    fake_return(IRETQ, rip, KGDT64_R3_CMCODE | RPL_MASK, RFLAGS_FIXED, KGDT64_R3_DATA | RPL_MASK);
    fake_predict();
    ck_assert_uint_eq(fake_prediction.frames[0].words[1], PROBE_NOT_PRESENT);
    fake_predict_both("iret.compatibility.high", "pushed RIP", NULL);
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_PF));
    ck_assert_uint_eq(fake_prediction.state.cr2, PROBE_NOT_PRESENT);
    ck_assert_uint_eq(fake_prediction.frames[0].words[1], rip);
}
END_TEST

START_TEST(a_return_from_nowhere_faults_as_measured)
{
    fake_plain(IRETQ);
    fake_case.before.gpr[RS_RSP] = PROBE_NON_CANONICAL;
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_SS));
    fake_predict_both("iret.ring3.stack", "outcome", NULL); /* both: the first of the table */
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_PF));
    ck_assert(fake_prediction.applied != 0);
}
END_TEST

START_TEST(a_double_fault_finds_rf_as_the_host_has_set_it)
{
    fake_plain(UD2);
    fake_set_selector(RS_VECTOR_UD, 0);
    fake_set_selector(RS_VECTOR_GP, 0);
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_DF));
    ck_assert(!(fake_prediction.frames[0].words[3] & RFLAGS_RF));
    fake_predict_with("rf.df.ud");
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_DF));
    ck_assert(fake_prediction.frames[0].words[3] & RFLAGS_RF);
}
END_TEST

START_TEST(a_wide_rip_is_past_the_limit_where_the_host_fetches)
{
    fake_return(IRETQ, PROBE_NON_CANONICAL | PROBE_TARGET, KGDT64_R3_CMCODE | RPL_MASK,
                RFLAGS_FIXED, KGDT64_R3_DATA | RPL_MASK);
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, PROBE_TARGET);
    fake_predict_both("iret.compatibility.high", "pushed RIP", NULL);
    ck_assert_uint_eq(fake_prediction.state.rip, PROBE_NON_CANONICAL | PROBE_TARGET);
    fake_predict_both("iret.compatibility.high", "pushed RIP", "iret.compatibility.exit");
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_GP));
    ck_assert_uint_eq(fake_prediction.frames[0].words[1], PROBE_NON_CANONICAL | PROBE_TARGET);
    ck_assert(fake_prediction.frames[0].words[3] & RFLAGS_RF);
}
END_TEST

START_TEST(a_stack_that_is_kept_is_any_access)
{
    fake_return(UD2, 0, 0, 0, 0);
    fake_case.before.gpr[RS_RSP] = PROBE_NON_CANONICAL;
    fake_set_ist(RS_VECTOR_SS);
    fake_set_ist(RS_VECTOR_GP);
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_SS));
    fake_predict_with("gate.stack.same");
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_GP));
    /* What is pushed first would lie below the edge, where no page is. */
    fake_case.before.gpr[RS_RSP] = PROBE_CANONICAL_END;
    fake_set_ist(RS_VECTOR_PF);
    fake_predict_with("gate.stack.same");
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_PF));
    ck_assert_uint_eq(fake_prediction.state.cr2, PROBE_CANONICAL_END - 8);
}
END_TEST

/* The code page's limit: what is behind it is fetched, or asked by the host where no memory is. */
START_TEST(a_limit_that_nobody_asks_is_passed)
{
    fake_return(IRETQ, PROBE_NOT_PRESENT, FUZZ_GDT_RANDOM * 8u | RPL_MASK, RFLAGS_FIXED,
                KGDT64_R3_DATA | RPL_MASK);
    fake_descriptor(CODE32_R3_SHORT);
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_GP));
    ck_assert_uint_eq(fake_prediction.frames[0].words[1], fake_case.before.rip);
    fake_predict_with("iret.limit");
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_GP));
    ck_assert_uint_eq(fake_prediction.frames[0].words[1], PROBE_NOT_PRESENT);
    fake_predict_with("iret.limit.absent");
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_PF));
    ck_assert_uint_eq(fake_prediction.state.cr2, PROBE_NOT_PRESENT);
    rs_fuzz_put(&fake_case, fake_case.before.gpr[RS_RSP], &(uint64_t){PROBE_TARGET},
                sizeof(uint64_t));
    fake_predict_with("iret.limit.absent");
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_GP));
    ck_assert_uint_eq(fake_prediction.frames[0].words[1], PROBE_TARGET);
}
END_TEST

/* The fetch behind it is the host's own. */
START_TEST(another_ss_in_ring_3_is_interpreted)
{
    fake_plain("\x8e\xd0");
    fake_case.before.gpr[RS_RAX] = KGDT64_R3_CMTEB | RPL_MASK;
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, PROBE_DONE);
    fake_predict_with("ss.ring3");
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_UD));
    ck_assert_uint_eq(fake_prediction.frames[0].words[0], PROBE_DONE);
    fake_case.before.gpr[RS_RAX] = KGDT64_R3_DATA | RPL_MASK;
    fake_predict_with("ss.ring3");
    ck_assert_uint_eq(fake_prediction.state.rip, PROBE_DONE);
}
END_TEST

/* RSP1 need not be there. */
START_TEST(rsp0_is_taken_for_ring_1)
{
    fake_plain(UD2);
    fake_set_selector(RS_VECTOR_UD, (uint16_t)(fake_descriptor(CODE64_R1) | 1));
    fake_case.before.tr.base = FUZZ_EDGE - TSS64_RSP0 - 8;
    rs_fuzz_put(&fake_case, FUZZ_EDGE - 8, &(uint64_t){PROBE_RSP0}, sizeof(uint64_t));
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_PF));
    fake_predict_both("gate.ring1", "RSP", NULL);
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_UD));
    ck_assert_uint_eq(fake_prediction.state.cpl, 1);
    ck_assert_uint_eq(fake_prediction.state.gpr[RS_RSP], PROBE_RSP0 - 40);
}
END_TEST

/* IRETQ in ring 3, by the processor, to a SYSCALL with no stack: it is the processor's, too. */
START_TEST(what_the_processor_returns_to_it_executes)
{
    const uint64_t frame[] = {FUZZ_SLOT(0), KGDT64_R3_CODE | RPL_MASK, RFLAGS_FIXED | RFLAGS_IF,
                              PROBE_NON_CANONICAL, KGDT64_R3_DATA | RPL_MASK};

    fake_plain(IRETQ);
    fake_case.before.efer |= EFER_SCE;
    fake_case.before.lstar = PROBE_LSTAR;
    rs_fuzz_put(&fake_case, fake_case.before.gpr[RS_RSP], frame, sizeof(frame));
    rs_fuzz_put(&fake_case, FUZZ_SLOT(0), "\x0f\x05", 2);
    fake_predict_with("syscall.entry");
    ck_assert_uint_eq(fake_prediction.state.rip, PROBE_LSTAR);
    ck_assert_uint_eq(fake_prediction.state.cpl, 0);
    fake_predict_both("syscall.entry", NULL, "gp.selector.gdt");
    ck_assert_uint_eq(fake_prediction.state.rip, PROBE_LSTAR);
    ck_assert_uint_eq(fake_prediction.state.cpl, 3);
}
END_TEST

START_TEST(words_need_no_more_than_their_alignment)
{
    const uint16_t frame[] = {FUZZ_SLOT(0), KGDT64_R3_CODE | RPL_MASK, RFLAGS_FIXED, 0x800,
                              KGDT64_R3_DATA | RPL_MASK};

    fake_plain("\x66\xcf");
    fake_case.before.rflags |= RFLAGS_AC;
    fake_case.before.gpr[RS_RSP] += 2;
    rs_fuzz_put(&fake_case, fake_case.before.gpr[RS_RSP], frame, sizeof(frame));
    rs_fuzz_put(&fake_case, FUZZ_SLOT(0), UD2, 2);
    fake_predict_with("ac.off");
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_UD));
    fake_case.before.gpr[RS_RSP]++;
    fake_predict_with("ac.off");
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_AC));
}
END_TEST

/* PUSH raises what it raises; INT3 nobody knows. */
START_TEST(an_interpreter_knows_push_but_not_int3)
{
    fake_plain("\x50\x90");
    fake_case.before.gpr[RS_RSP] = PROBE_NON_CANONICAL;
    fake_predict_with("rsp.ring3");
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_SS));
    fake_plain("\xcc\x90");
    fake_case.before.gpr[RS_RSP] = PROBE_NON_CANONICAL;
    fake_predict_with("rsp.ring3");
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_UD));
}
END_TEST

/* In ring 1, with the frame of fake_return(). */
static void to_ring_1(void)
{
    rs_segment_decode(CODE64_R1, FUZZ_SEL_R1_CODE | 1, &fake_case.before.cs);
    fake_case.before.ss = (struct rs_segment){.selector = 1, .dpl = 1, .unusable = true};
    fake_case.before.cpl = 1;
}

START_TEST(sysret_of_ring_1_is_done)
{
    fake_return("\x0f\x07", 0, 0, 0, 0);
    to_ring_1();
    fake_case.before.gpr[RS_RCX] = PROBE_TARGET;
    fake_case.before.gpr[RS_R11] = RFLAGS_FIXED;
    fake_case.before.efer |= EFER_SCE;
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_GP));
    fake_predict_with("sysret.ring1");
    ck_assert_uint_eq(fake_prediction.state.rip, PROBE_TARGET);
    /* What it raises finds its own ring. */
    fake_case.before.efer &= ~EFER_SCE;
    fake_predict_with("sysret.ring1");
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_UD));
    ck_assert_uint_eq(fake_prediction.state.gpr[RS_RSP], PROBE_RSP0 - 40);
}
END_TEST

START_TEST(iret_of_ring_1_loads_what_ring_0_may)
{
    fake_return(IRETQ, PROBE_TARGET, KGDT64_R3_CODE | RPL_MASK, RFLAGS_FIXED | RFLAGS_IOPL,
                KGDT64_R3_DATA | RPL_MASK);
    to_ring_1();
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rflags, RFLAGS_FIXED | RFLAGS_IF);
    fake_predict_with("iret.flags.ring1");
    ck_assert_uint_eq(fake_prediction.state.rflags, RFLAGS_FIXED | RFLAGS_IOPL);
}
END_TEST

START_TEST(a_return_from_nowhere_in_ring_1_faults_as_measured)
{
    fake_return(IRETQ, 0, 0, 0, 0);
    to_ring_1();
    fake_case.before.gpr[RS_RSP] = PROBE_NON_CANONICAL;
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_SS));
    fake_predict_with("iret.ring1.stack");
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_PF));
    ck_assert_uint_eq(fake_prediction.state.cr2, PROBE_NON_CANONICAL);
    ck_assert_uint_eq(fake_prediction.frames[0].words[0], 0);
}
END_TEST

START_TEST(a_null_ss_of_ring_1_is_not_compared)
{
    fake_return("\x8e\xd0", 0, 0, 0, 0);
    fake_case.before.gpr[RS_RAX] = 0;
    fake_predict_with("gp.ss.null");
    ck_assert_int_eq(fake_prediction.end, RS_FUZZ_FETCH);
    to_ring_1();
    fake_case.before.gpr[RS_RAX] = 1;
    fake_predict();
    ck_assert_int_eq(fake_prediction.end, RS_FUZZ_FETCH);
    fake_predict_with("gp.ss.null");
    ck_assert_int_eq(fake_prediction.end, RS_FUZZ_WILD);
}
END_TEST

START_TEST(rf_of_ring_1_is_as_it_was)
{
    fake_return(UD2, 0, 0, 0, 0);
    to_ring_1();
    fake_set_selector(RS_VECTOR_UD, 0);
    fake_predict();
    ck_assert(fake_prediction.frames[0].words[3] & RFLAGS_RF);
    fake_predict_with("de.rf.ring1");
    ck_assert(!(fake_prediction.frames[0].words[3] & RFLAGS_RF));
}
END_TEST

/* With a null SS 16 bits of RSP: a page of the tables, where the fuzzer does not look. */
START_TEST(iretd_pops_as_ss_is_wide)
{
    fake_return("\x90\xcf", 0, 0, 0, 0);
    fake_case.before.rip++;
    to_ring_1();
    fake_case.before.gpr[RS_RSP] = PROBE_NOT_PRESENT + 0x800;
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_PF));
    fake_predict_with("iret.d.stack");
    ck_assert_int_eq(fake_prediction.end, RS_FUZZ_UNKNOWN);
}
END_TEST

START_TEST(steps_that_hosts_leave_out)
{
    fake_return(IRETQ, PROBE_TARGET, KGDT64_R0_CODE, RFLAGS_FIXED, 0);
    fake_case.before.rflags |= RFLAGS_TF;
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_DB));
    fake_predict_with("iret.tf");
    ck_assert_uint_eq(fake_prediction.state.rip, PROBE_TARGET);
    fake_plain("\x0f\x05");
    fake_case.before.rflags |= RFLAGS_TF;
    fake_case.before.efer |= EFER_SCE;
    fake_case.before.fmask = 0;
    fake_case.before.lstar = PROBE_LSTAR;
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_DB));
    fake_predict_both("syscall.tf.kept", NULL, "iret.tf");
    ck_assert_uint_eq(fake_prediction.state.rip, PROBE_LSTAR);
}
END_TEST

START_TEST(a_step_that_mov_ss_does_not_put_off)
{
    fake_return("\x8e\xd0", 0, 0, 0, 0);
    fake_case.before.rflags |= RFLAGS_TF;
    fake_case.before.gpr[RS_RAX] = KGDT64_R0_DATA;
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, PROBE_DONE);
    fake_predict_with("tf.ss");
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_DB));
}
END_TEST

START_TEST(an_ss_that_is_not_present_is_np)
{
    fake_return(IRETQ, PROBE_TARGET, KGDT64_R3_CODE | RPL_MASK, RFLAGS_FIXED,
                FUZZ_GDT_RANDOM * 8u | RPL_MASK);
    fake_descriptor(DATA_R3_ABSENT);
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_SS));
    fake_predict_with("iret.ss.absent");
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_NP));
    ck_assert_uint_eq(fake_prediction.frames[0].words[0], FUZZ_GDT_RANDOM * 8u);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("departures");

    UNIT_ADD(suite, a_selectors_rpl_becomes_the_cpl);
    UNIT_ADD(suite, what_is_no_code_is_entered_as_it_is);
    UNIT_ADD(suite, what_falls_ends);
    UNIT_ADD(suite, a_frame_below_a_canonical_top_is_any_access);
    UNIT_ADD(suite, a_null_ss_of_any_rpl_is_taken);
    UNIT_ADD(suite, a_null_ss_is_taken_for_32_bit_code);
    UNIT_ADD(suite, code_with_both_l_and_d_is_entered);
    UNIT_ADD(suite, a_return_with_rf_ends_without_it);
    UNIT_ADD(suite, sysret_loads_rf);
    UNIT_ADD(suite, iretd_pops_from_esp);
    UNIT_ADD(suite, a_wide_rip_is_pushed_and_not_fetched);
    UNIT_ADD(suite, a_return_from_nowhere_faults_as_measured);
    UNIT_ADD(suite, a_double_fault_finds_rf_as_the_host_has_set_it);
    UNIT_ADD(suite, a_wide_rip_is_past_the_limit_where_the_host_fetches);
    UNIT_ADD(suite, a_stack_that_is_kept_is_any_access);
    UNIT_ADD(suite, a_limit_that_nobody_asks_is_passed);
    UNIT_ADD(suite, another_ss_in_ring_3_is_interpreted);
    UNIT_ADD(suite, rsp0_is_taken_for_ring_1);
    UNIT_ADD(suite, what_the_processor_returns_to_it_executes);
    UNIT_ADD(suite, words_need_no_more_than_their_alignment);
    UNIT_ADD(suite, an_interpreter_knows_push_but_not_int3);
    UNIT_ADD(suite, sysret_of_ring_1_is_done);
    UNIT_ADD(suite, iret_of_ring_1_loads_what_ring_0_may);
    UNIT_ADD(suite, a_return_from_nowhere_in_ring_1_faults_as_measured);
    UNIT_ADD(suite, a_null_ss_of_ring_1_is_not_compared);
    UNIT_ADD(suite, rf_of_ring_1_is_as_it_was);
    UNIT_ADD(suite, iretd_pops_as_ss_is_wide);
    UNIT_ADD(suite, steps_that_hosts_leave_out);
    UNIT_ADD(suite, a_step_that_mov_ss_does_not_put_off);
    UNIT_ADD(suite, an_ss_that_is_not_present_is_np);
    return unit_run(suite);
}
