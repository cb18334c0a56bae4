/* SPDX-License-Identifier: MIT
 * The differential fuzzer without a host: cases and what must come of them. */
#include "fake_case.h"
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

START_TEST(every_kind_comes_and_every_ring)
{
    unsigned kinds[RS_FUZZ_KIND_COUNT] = {0}, rings[4] = {0};

    for (uint64_t i = 0; i < 500; i++) {
        rs_fuzz_generate(1, i, &one);
        kinds[one.kind]++;
        rings[one.before.cpl]++;
    }
    for (unsigned ring = 0; ring < 4; ring++)
        ck_assert_uint_gt(rings[ring], 10);
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

#define CODE32_R0 UINT64_C(0x00cf9b000000ffff)
#define CODE16_R3 UINT64_C(0x008ffb000000ffff)
#define CODE32_R0_ABSENT UINT64_C(0x00cf1b000000ffff)

START_TEST(a_frame_in_two_pieces_is_not_followed)
{
    fake_plain(IRETQ);
    fake_case.before.gpr[RS_RSP] = FUZZ_EDGE - 16;
    fake_predict();
    ck_assert_int_eq(fake_prediction.end, RS_FUZZ_UNKNOWN);
    fake_case.before.gpr[RS_RSP] = FUZZ_EDGE;
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, PROBE_VECTORS + RS_VECTOR_PF * PROBE_GATE_SIZE);
}
END_TEST

START_TEST(neither_present_nor_64_bit_is_not_followed)
{
    fake_plain(UD2);
    fake_set_selector(RS_VECTOR_UD, fake_descriptor(CODE32_R0_ABSENT));
    fake_predict();
    ck_assert_int_eq(fake_prediction.end, RS_FUZZ_UNKNOWN);
    fake_descriptor(CODE32_R0);
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_GP));
}
END_TEST

/* The case ends with #DB, in the first frame with this RIP. */
static void check_step(uint64_t rip)
{
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_DB));
    ck_assert_uint_eq(fake_prediction.frames[0].words[0], rip);
    ck_assert(fake_prediction.frames[0].words[2] & RFLAGS_TF);
    ck_assert(!(fake_prediction.state.rflags & RFLAGS_TF));
}

START_TEST(single_steps_are_followed)
{
    fake_plain("\x90\x90");
    fake_case.before.rflags |= RFLAGS_TF;
    check_step(PROBE_DONE - 1);
    /* Behind MOV to SS the next instruction's: there is none. */
    fake_plain("\x8e\xd0");
    fake_case.before.rflags |= RFLAGS_TF;
    fake_case.before.gpr[RS_RAX] = KGDT64_R3_DATA | RPL_MASK;
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, PROBE_DONE);
    /* What IRET loads steps what it leads to. */
    fake_return(IRETQ, FUZZ_SLOT(0), KGDT64_R3_CODE | RPL_MASK, RFLAGS_FIXED | RFLAGS_TF,
                KGDT64_R3_DATA | RPL_MASK);
    rs_fuzz_put(&fake_case, FUZZ_SLOT(0), "\x90\x0f\x0b", 3);
    check_step(FUZZ_SLOT(0) + 1);
    /* When SYSRET's comes no manual says. */
    fake_return("\x0f\x07", 0, 0, 0, 0);
    fake_case.before.efer |= EFER_SCE;
    fake_case.before.gpr[RS_RCX] = PROBE_TARGET;
    fake_case.before.gpr[RS_R11] = RFLAGS_FIXED | RFLAGS_TF;
    fake_predict();
    ck_assert_int_eq(fake_prediction.end, RS_FUZZ_UNKNOWN);
}
END_TEST

/* The frame of #UD lies over the stack pointer that was read for it. */
START_TEST(a_frame_over_the_tss_is_not_followed)
{
    fake_plain(UD2);
    fake_predict();
    ck_assert_int_eq(fake_prediction.end, RS_FUZZ_FETCH);
    rs_fuzz_put(&fake_case, PROBE_TSS + TSS64_RSP0, &(uint64_t){PROBE_TSS + 0x30},
                sizeof(uint64_t));
    fake_predict();
    ck_assert_int_eq(fake_prediction.end, RS_FUZZ_UNKNOWN);
}
END_TEST

/* CFh is IRETW there: it pops words. */
START_TEST(iret_in_16_bit_code_pops_words)
{
    const uint16_t frame[] = {FUZZ_SLOT(0), KGDT64_R3_CMCODE | RPL_MASK, RFLAGS_FIXED};

    fake_plain("\x90\xcf");
    rs_segment_decode(CODE16_R3, KGDT64_R3_CMCODE | RPL_MASK, &fake_case.before.cs);
    rs_segment_decode(UINT64_C(0x00cff3000000ffff), KGDT64_R3_DATA | RPL_MASK,
                      &fake_case.before.ss);
    rs_fuzz_put(&fake_case, fake_case.before.gpr[RS_RSP], frame, sizeof(frame));
    fake_case.before.rip++;
    rs_fuzz_put(&fake_case, FUZZ_SLOT(0), UD2, 2);
    fake_predict();
    ck_assert_uint_eq(fake_prediction.state.rip, fake_handler(RS_VECTOR_UD));
    ck_assert_uint_eq(fake_prediction.frames[0].words[0], FUZZ_SLOT(0));
    ck_assert_uint_eq(fake_prediction.frames[0].words[3],
                      fake_case.before.gpr[RS_RSP] + sizeof(frame));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("differential");

    UNIT_ADD(suite, a_case_depends_on_seed_and_number);
    UNIT_ADD(suite, every_kind_comes_and_every_ring);
    UNIT_ADD(suite, predictions_are_total);
    UNIT_ADD(suite, a_deviation_belongs_to_a_claim);
    UNIT_ADD(suite, what_departs_is_measured);
    UNIT_ADD(suite, a_frame_in_two_pieces_is_not_followed);
    UNIT_ADD(suite, neither_present_nor_64_bit_is_not_followed);
    UNIT_ADD(suite, a_frame_over_the_tss_is_not_followed);
    UNIT_ADD(suite, iret_in_16_bit_code_pops_words);
    UNIT_ADD(suite, single_steps_are_followed);
    return unit_run(suite);
}
