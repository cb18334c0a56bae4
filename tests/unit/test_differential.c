/* SPDX-License-Identifier: MIT
 * The differential fuzzer without a host: cases and what must come of them. */
#include "fuzz/internal.h"
#include "unit.h"

static struct rs_fuzz_case one, other;
static struct rs_fuzz_prediction prediction;

static bool is_same_case(void)
{
    return one.kind == other.kind && one.from == other.from && one.vector == other.vector &&
           memcmp(one.code, other.code, sizeof(one.code)) == 0 &&
           memcmp(one.memory, other.memory, sizeof(one.memory)) == 0 &&
           memcmp(one.before.gpr, other.before.gpr, sizeof(one.before.gpr)) == 0 &&
           one.before.rflags == other.before.rflags && one.before.star == other.before.star;
}

START_TEST(a_case_depends_on_seed_and_number)
{
    rs_fuzz_generate(1, 17, &one);
    rs_fuzz_generate(2, 99, &other);
    rs_fuzz_generate(1, 17, &other);
    ck_assert(is_same_case());
    rs_fuzz_generate(2, 17, &other);
    ck_assert(!is_same_case());
}
END_TEST

START_TEST(every_kind_comes)
{
    unsigned kinds[RS_FUZZ_KIND_COUNT] = {0};

    for (uint64_t i = 0; i < 500; i++) {
        rs_fuzz_generate(1, i, &one);
        kinds[one.kind]++;
    }
    for (unsigned kind = 0; kind < RS_FUZZ_KIND_COUNT; kind++)
        ck_assert_uint_gt(kinds[kind], 10);
}
END_TEST

/* All that the predictor promises for any case, with and without every deviation there is. */
static void check_prediction(const struct rs_departing *departing)
{
    for (unsigned i = 0; i < prediction.frame_count; i++) {
        ck_assert(prediction.frames[i].count == 5 || prediction.frames[i].count == 6);
        ck_assert_uint_lt(prediction.frames[i].gva, PROBE_RAM_SIZE);
    }
    ck_assert_uint_le(prediction.steps, departing ? FUZZ_FALLS_MAX : FUZZ_STEPS_MAX);
    if (!departing) {
        ck_assert(prediction.applied == 0);
        ck_assert(prediction.end != RS_FUZZ_WILD && prediction.end != RS_FUZZ_CANNOT &&
                  prediction.end != RS_FUZZ_SPINS);
    }
}

START_TEST(predictions_are_total)
{
    struct rs_departing departing = {.mask = 0};
    unsigned outside = 0, cases = 600;

    for (unsigned i = 0; i < rs_deviation_count; i++) {
        departing.mask |= rs_fuzz_bit(i);
        departing.lost[i] = RFLAGS_IOPL | RFLAGS_NT;
        departing.extra[i] = UINT64_MAX << 22;
    }
    for (uint64_t i = 0; i < cases; i++) {
        enum rs_vendor vendor = i & 1 ? RS_VENDOR_AMD : RS_VENDOR_INTEL;

        rs_fuzz_generate(3, i, &one);
        rs_fuzz_predict(&one, vendor, NULL, 0, &prediction, NULL, NULL);
        check_prediction(NULL);
        outside += prediction.end == RS_FUZZ_UNKNOWN;
        rs_fuzz_predict(&one, vendor, &departing, departing.mask, &prediction, NULL, NULL);
        check_prediction(&departing);
        for (unsigned bit = 0; bit < rs_deviation_count; bit++)
            rs_fuzz_predict(&one, vendor, &departing, rs_fuzz_bit(bit), &prediction, NULL, NULL);
    }
    ck_assert_uint_lt(outside, cases / 20);
}
END_TEST

START_TEST(a_deviation_belongs_to_a_claim)
{
    const char *text;

    for (unsigned i = 0; i < rs_deviation_count; i++) {
        ck_assert_str_eq(rs_fuzz_deviation(i, &text), rs_deviations[i].claim);
        ck_assert_msg(text[0] != '\0', "no claim %s", rs_deviations[i].claim);
        ck_assert(rs_deviations[i].before || rs_deviations[i].after);
    }
    ck_assert_ptr_null(rs_fuzz_deviation(rs_deviation_count, &text));
    ck_assert_uint_le(rs_deviation_count, RS_FUZZ_DEVIATIONS_MAX);
}
END_TEST

START_TEST(what_departs_is_measured)
{
    const struct rs_claim claim = {.id = "sysret.flags"};
    struct rs_finding finding = {.claim = &claim};
    struct rs_departing departing = {.mask = 0};

    rs_departing_add(&departing, &finding);
    ck_assert(departing.mask == 0);
    rs_finding_differ_value(&finding, "RFLAGS", 0x3000, 0x20000);
    rs_departing_add(&departing, &finding);
    ck_assert(departing.mask != 0);
    for (unsigned i = 0; i < rs_deviation_count; i++)
        if (departing.mask >> i & 1) {
            ck_assert_str_eq(rs_deviations[i].claim, "sysret.flags");
            ck_assert_uint_eq(departing.lost[i], 0x3000);
            ck_assert_uint_eq(departing.extra[i], 0x20000);
        }
}
END_TEST

#define UD2 "\x0f\x0b"
#define IRETQ "\x48\xcf"

/* Sound in all but its code, in ring 3. */
static void make_plain(const char *code)
{
    static const char *const plain = "no case of this seed is plain";
    uint64_t gate[2];

    for (uint64_t i = 0; i < 2000; i++) {
        rs_fuzz_generate(5, i, &one);
        if (one.kind == RS_FUZZ_KIND_EXCEPTION && one.from == RS_FROM_RING3 &&
            one.before.idt.base == PROBE_IDT && one.before.idt.limit == 0xfff &&
            one.before.gdt.limit == FUZZ_GDT_ENTRIES * 8 - 1 && one.before.tr.base == PROBE_TSS &&
            one.before.tr.limit == TSS64_SIZE - 1)
            break;
        ck_assert_msg(i < 1999, "%s", plain);
    }
    one.before.gpr[RS_RSP] = PROBE_STACK3 - 0x100;
    one.before.rflags = RFLAGS_FIXED | RFLAGS_IF;
    one.before.rip = PROBE_CODE + PAGE_SIZE - 2;
    rs_fuzz_put(&one, one.before.rip, code, 2);
    for (unsigned vector = 0; vector < 32; vector++) {
        gate[0] = UINT64_C(1) << 47 | (uint64_t)DESC_TYPE_INTERRUPT_GATE << 40 |
                  (uint64_t)KGDT64_R0_CODE << 16;
        gate[1] = 0;
        rs_gate_set_offset(gate, PROBE_VECTORS + vector * PROBE_GATE_SIZE);
        rs_fuzz_put(&one, PROBE_IDT + vector * sizeof(gate), gate, sizeof(gate));
    }
    rs_fuzz_put(&one, PROBE_TSS + TSS64_RSP0, &(uint64_t){PROBE_RSP0}, sizeof(uint64_t));
}

static void set_selector(uint8_t vector, uint16_t selector)
{
    rs_fuzz_put(&one, PROBE_IDT + vector * 16u + 2, &selector, sizeof(selector));
}

/* Those of `claim` that depart in `field`, if not NULL, and those of `second`, if not NULL. */
static void predict_both(const char *claim, const char *field, const char *second)
{
    struct rs_departing departing = {.mask = 0};

    for (unsigned i = 0; i < rs_deviation_count; i++) {
        const struct rs_deviation *deviation = &rs_deviations[i];
        bool is_first = strcmp(deviation->claim, claim) == 0 &&
                        (!field || strcmp(deviation->field, field) == 0);

        if (is_first || (second && strcmp(deviation->claim, second) == 0))
            departing.mask |= rs_fuzz_bit(i);
    }
    rs_fuzz_predict(&one, RS_VENDOR_AMD, &departing, departing.mask, &prediction, NULL, NULL);
}

static void predict_field(const char *claim, const char *field)
{
    predict_both(claim, field, NULL);
}

static void predict_with(const char *claim)
{
    predict_field(claim, NULL);
}

START_TEST(a_selectors_rpl_becomes_the_cpl)
{
    make_plain(UD2);
    set_selector(RS_VECTOR_UD, KGDT64_R0_CODE | RPL_MASK);
    rs_fuzz_predict(&one, RS_VENDOR_AMD, NULL, 0, &prediction, NULL, NULL);
    ck_assert_uint_eq(prediction.state.cs.selector, KGDT64_R0_CODE);
    ck_assert_uint_eq(prediction.state.cpl, 0);
    predict_with("gate.rpl");
    ck_assert_uint_eq(prediction.state.cs.selector, KGDT64_R0_CODE | RPL_MASK);
    ck_assert_uint_eq(prediction.state.cpl, 3);
    ck_assert_uint_eq(prediction.state.gpr[RS_RSP], PROBE_STACK3 - 0x100 - 40);
    ck_assert(prediction.applied != 0);
}
END_TEST

START_TEST(what_is_no_code_is_entered_as_it_is)
{
    make_plain(UD2);
    set_selector(RS_VECTOR_UD, KGDT64_R0_DATA);
    rs_fuzz_predict(&one, RS_VENDOR_AMD, NULL, 0, &prediction, NULL, NULL);
    ck_assert_uint_eq(prediction.state.rip, PROBE_VECTORS + RS_VECTOR_GP * PROBE_GATE_SIZE);
    predict_with("gate.selector.data");
    ck_assert_int_eq(prediction.end, RS_FUZZ_FETCH);
    ck_assert_uint_eq(prediction.state.rip, PROBE_VECTORS + RS_VECTOR_UD * PROBE_GATE_SIZE);
    ck_assert(!prediction.state.cs.l);
    ck_assert_uint_eq(prediction.state.cs.selector, KGDT64_R0_DATA);
    /* It changes nothing where there is nothing to change. */
    set_selector(RS_VECTOR_UD, KGDT64_R0_CODE);
    predict_with("gate.selector.data");
    ck_assert(prediction.applied == 0);
}
END_TEST

START_TEST(a_frame_in_two_pieces_is_not_followed)
{
    make_plain(IRETQ);
    one.before.gpr[RS_RSP] = FUZZ_EDGE - 16;
    rs_fuzz_predict(&one, RS_VENDOR_AMD, NULL, 0, &prediction, NULL, NULL);
    ck_assert_int_eq(prediction.end, RS_FUZZ_UNKNOWN);
    one.before.gpr[RS_RSP] = FUZZ_EDGE;
    rs_fuzz_predict(&one, RS_VENDOR_AMD, NULL, 0, &prediction, NULL, NULL);
    ck_assert_uint_eq(prediction.state.rip, PROBE_VECTORS + RS_VECTOR_PF * PROBE_GATE_SIZE);
}
END_TEST

/* #GP whose handler cannot be fetched: frames until the stack ends, in memory that there is. */
START_TEST(what_falls_ends)
{
    uint64_t gate[2] = {UINT64_C(1) << 47 | (uint64_t)DESC_TYPE_INTERRUPT_GATE << 40 |
                        (uint64_t)KGDT64_R0_CODE << 16};

    make_plain(UD2);
    rs_gate_set_offset(gate, PROBE_NON_CANONICAL);
    rs_fuzz_put(&one, PROBE_IDT + RS_VECTOR_UD * sizeof(gate), gate, sizeof(gate));
    rs_fuzz_put(&one, PROBE_IDT + RS_VECTOR_GP * sizeof(gate), gate, sizeof(gate));
    predict_with("gate.offset");
    ck_assert(prediction.fell);
    ck_assert_int_eq(prediction.end, RS_FUZZ_SHUTDOWN);
}
END_TEST

/* Where a case is now, with the SDM's rules alone. */
static void predict_plainly(void)
{
    rs_fuzz_predict(&one, RS_VENDOR_AMD, NULL, 0, &prediction, NULL, NULL);
}

static uint64_t handler(uint8_t vector)
{
    return PROBE_VECTORS + (uint64_t)vector * PROBE_GATE_SIZE;
}

/* In ring 0, with this frame for IRET. */
static void make_return(const char *code, uint64_t rip, uint16_t cs, uint64_t rflags, uint16_t ss)
{
    const uint64_t frame[] = {rip, cs, rflags, PROBE_STACK3 - 0x200, ss};

    make_plain(code);
    rs_segment_decode(UINT64_C(0x00209b0000000000), KGDT64_R0_CODE, &one.before.cs);
    one.before.cpl = 0;
    one.before.gpr[RS_RSP] = PROBE_STACK0 - 0x100;
    rs_fuzz_put(&one, one.before.gpr[RS_RSP], frame, sizeof(frame));
}

/* As the first of the GDT's that this may be. */
static uint16_t put_descriptor(uint64_t raw)
{
    rs_fuzz_put(&one, one.before.gdt.base + FUZZ_GDT_RANDOM * 8u, &raw, sizeof(raw));
    return FUZZ_GDT_RANDOM * 8u;
}

#define CODE32_R0 UINT64_C(0x00cf9b000000ffff)
#define CODE64_R3_WIDE UINT64_C(0x0060fb0000000000)
#define CODE32_R0_ABSENT UINT64_C(0x00cf1b000000ffff)

START_TEST(neither_present_nor_64_bit_is_not_followed)
{
    make_plain(UD2);
    set_selector(RS_VECTOR_UD, put_descriptor(CODE32_R0_ABSENT));
    predict_plainly();
    ck_assert_int_eq(prediction.end, RS_FUZZ_UNKNOWN);
    put_descriptor(CODE32_R0);
    predict_plainly();
    ck_assert_uint_eq(prediction.state.rip, handler(RS_VECTOR_GP));
}
END_TEST

START_TEST(a_frame_below_a_canonical_top_is_any_access)
{
    make_plain(UD2);
    rs_fuzz_put(&one, PROBE_TSS + TSS64_RSP0, &(uint64_t){PROBE_UPPER}, sizeof(uint64_t));
    rs_fuzz_put(&one, PROBE_TSS + TSS64_IST1, &(uint64_t){PROBE_RSP0}, sizeof(uint64_t));
    rs_fuzz_put(&one, PROBE_IDT + RS_VECTOR_SS * 16u + 4, "\1", 1);
    rs_fuzz_put(&one, PROBE_IDT + RS_VECTOR_GP * 16u + 4, "\1", 1);
    predict_plainly();
    ck_assert_uint_eq(prediction.state.rip, handler(RS_VECTOR_SS));
    predict_with("gate.stack.below");
    ck_assert_uint_eq(prediction.state.rip, handler(RS_VECTOR_GP));
    ck_assert(prediction.applied != 0);
}
END_TEST

START_TEST(a_null_ss_of_any_rpl_is_taken)
{
    make_return(IRETQ, PROBE_TARGET, KGDT64_R0_CODE, RFLAGS_FIXED, 2);
    predict_plainly();
    ck_assert_uint_eq(prediction.state.rip, handler(RS_VECTOR_GP));
    predict_with("iret.ss.null.rpl");
    ck_assert_uint_eq(prediction.state.rip, PROBE_TARGET);
    ck_assert_uint_eq(prediction.state.ss.selector, 2);
    ck_assert(prediction.applied != 0);
}
END_TEST

START_TEST(a_null_ss_is_taken_for_32_bit_code)
{
    make_return(IRETQ, PROBE_TARGET, FUZZ_GDT_RANDOM * 8u, RFLAGS_FIXED, 0);
    put_descriptor(CODE32_R0);
    predict_plainly();
    ck_assert_uint_eq(prediction.state.rip, handler(RS_VECTOR_GP));
    predict_with("iret.ss.null.32");
    ck_assert_uint_eq(prediction.state.rip, PROBE_TARGET);
    ck_assert(!prediction.state.cs.l && prediction.state.cs.db);
}
END_TEST

START_TEST(code_with_both_l_and_d_is_entered)
{
    make_return(IRETQ, PROBE_TARGET, FUZZ_GDT_RANDOM * 8u | RPL_MASK, RFLAGS_FIXED,
                KGDT64_R3_DATA | RPL_MASK);
    put_descriptor(CODE64_R3_WIDE);
    predict_plainly();
    ck_assert_uint_eq(prediction.state.rip, handler(RS_VECTOR_GP));
    predict_with("iret.cs.wide");
    ck_assert_uint_eq(prediction.state.rip, PROBE_TARGET);
    ck_assert(prediction.state.cs.l && prediction.state.cs.db);
}
END_TEST

START_TEST(a_return_with_rf_ends_without_it)
{
    make_return(IRETQ, PROBE_TARGET, KGDT64_R0_CODE, RFLAGS_FIXED | RFLAGS_RF, 0);
    one.before.rflags |= RFLAGS_RF;
    predict_plainly();
    ck_assert(prediction.state.rflags & RFLAGS_RF);
    predict_with("iret.rf");
    ck_assert(!(prediction.state.rflags & RFLAGS_RF));
    one.before.rflags &= ~RFLAGS_RF;
    predict_with("iret.rf");
    ck_assert(prediction.state.rflags & RFLAGS_RF);
}
END_TEST

START_TEST(sysret_loads_rf)
{
    make_return("\x48\x0f\x07", 0, 0, 0, 0);
    one.before.rip--;
    rs_fuzz_put(&one, one.before.rip, "\x48\x0f\x07", 3);
    one.before.gpr[RS_RCX] = PROBE_TARGET;
    one.before.gpr[RS_R11] = RFLAGS_FIXED | RFLAGS_RF;
    one.before.efer |= EFER_SCE;
    predict_plainly();
    ck_assert_uint_eq(prediction.state.rip, PROBE_TARGET);
    ck_assert(!(prediction.state.rflags & RFLAGS_RF));
    predict_with("sysret.rf");
    ck_assert(prediction.state.rflags & RFLAGS_RF);
}
END_TEST

/* The fault shows the address of the low half, the frame all of RSP. */
START_TEST(iretd_pops_from_esp)
{
    const uint64_t rsp = UINT64_C(0x7f00000000) | (PROBE_NOT_PRESENT + 0x800);

    make_return("\x90\xcf", 0, 0, 0, 0);
    one.before.rip++;
    one.before.gpr[RS_RSP] = rsp;
    rs_fuzz_put(&one, PROBE_TSS + TSS64_IST1, &(uint64_t){PROBE_RSP0}, sizeof(uint64_t));
    rs_fuzz_put(&one, PROBE_IDT + RS_VECTOR_PF * 16u + 4, "\1", 1);
    predict_plainly();
    ck_assert_uint_eq(prediction.state.cr2, rsp);
    predict_with("iret.d.stack");
    ck_assert_uint_eq(prediction.state.cr2, rsp & UINT32_MAX);
    ck_assert_uint_eq(prediction.frames[0].words[4], rsp);
}
END_TEST

/* RIP above 4 GiB in 32-bit code: the fetch leaves it out, the frame has it. */
START_TEST(a_wide_rip_is_pushed_and_not_fetched)
{
    const uint64_t rip = UINT64_C(0x7f00000000) | PROBE_NOT_PRESENT;

    make_return(IRETQ, rip, KGDT64_R3_CMCODE | RPL_MASK, RFLAGS_FIXED, KGDT64_R3_DATA | RPL_MASK);
    predict_plainly();
    ck_assert_uint_eq(prediction.frames[0].words[1], PROBE_NOT_PRESENT);
    predict_field("iret.compatibility.high", "pushed RIP");
    ck_assert_uint_eq(prediction.state.rip, handler(RS_VECTOR_PF));
    ck_assert_uint_eq(prediction.state.cr2, PROBE_NOT_PRESENT);
    ck_assert_uint_eq(prediction.frames[0].words[1], rip);
}
END_TEST

START_TEST(a_return_from_nowhere_faults_as_measured)
{
    make_plain(IRETQ);
    one.before.gpr[RS_RSP] = PROBE_NON_CANONICAL;
    predict_plainly();
    ck_assert_uint_eq(prediction.state.rip, handler(RS_VECTOR_SS));
    predict_field("iret.ring3.stack", "outcome"); /* both: the first of the table */
    ck_assert_uint_eq(prediction.state.rip, handler(RS_VECTOR_PF));
    ck_assert(prediction.applied != 0);
}
END_TEST

START_TEST(a_double_fault_finds_rf_as_the_host_has_set_it)
{
    make_plain(UD2);
    set_selector(RS_VECTOR_UD, 0);
    set_selector(RS_VECTOR_GP, 0);
    predict_plainly();
    ck_assert_uint_eq(prediction.state.rip, handler(RS_VECTOR_DF));
    ck_assert(!(prediction.frames[0].words[3] & RFLAGS_RF));
    predict_with("rf.df.ud");
    ck_assert_uint_eq(prediction.state.rip, handler(RS_VECTOR_DF));
    ck_assert(prediction.frames[0].words[3] & RFLAGS_RF);
}
END_TEST

START_TEST(a_wide_rip_is_past_the_limit_where_the_host_fetches)
{
    make_return(IRETQ, PROBE_NON_CANONICAL | PROBE_TARGET, KGDT64_R3_CMCODE | RPL_MASK,
                RFLAGS_FIXED, KGDT64_R3_DATA | RPL_MASK);
    predict_plainly();
    ck_assert_uint_eq(prediction.state.rip, PROBE_TARGET);
    predict_field("iret.compatibility.high", "pushed RIP");
    ck_assert_uint_eq(prediction.state.rip, PROBE_NON_CANONICAL | PROBE_TARGET);
    predict_both("iret.compatibility.high", "pushed RIP", "iret.compatibility.exit");
    ck_assert_uint_eq(prediction.state.rip, handler(RS_VECTOR_GP));
    ck_assert_uint_eq(prediction.frames[0].words[1], PROBE_NON_CANONICAL | PROBE_TARGET);
    ck_assert(prediction.frames[0].words[3] & RFLAGS_RF);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("differential");

    UNIT_ADD(suite, a_case_depends_on_seed_and_number);
    UNIT_ADD(suite, every_kind_comes);
    UNIT_ADD(suite, predictions_are_total);
    UNIT_ADD(suite, a_deviation_belongs_to_a_claim);
    UNIT_ADD(suite, what_departs_is_measured);
    UNIT_ADD(suite, a_selectors_rpl_becomes_the_cpl);
    UNIT_ADD(suite, what_is_no_code_is_entered_as_it_is);
    UNIT_ADD(suite, a_frame_in_two_pieces_is_not_followed);
    UNIT_ADD(suite, what_falls_ends);
    UNIT_ADD(suite, neither_present_nor_64_bit_is_not_followed);
    UNIT_ADD(suite, a_frame_below_a_canonical_top_is_any_access);
    UNIT_ADD(suite, a_null_ss_of_any_rpl_is_taken);
    UNIT_ADD(suite, a_null_ss_is_taken_for_32_bit_code);
    UNIT_ADD(suite, code_with_both_l_and_d_is_entered);
    UNIT_ADD(suite, a_return_with_rf_ends_without_it);
    UNIT_ADD(suite, sysret_loads_rf);
    UNIT_ADD(suite, iretd_pops_from_esp);
    UNIT_ADD(suite, a_wide_rip_is_pushed_and_not_fetched);
    UNIT_ADD(suite, a_wide_rip_is_past_the_limit_where_the_host_fetches);
    UNIT_ADD(suite, a_return_from_nowhere_faults_as_measured);
    UNIT_ADD(suite, a_double_fault_finds_rf_as_the_host_has_set_it);
    return unit_run(suite);
}
