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

/* Those of this claim alone. */
static void predict_with(const char *claim)
{
    struct rs_departing departing = {.mask = 0};

    for (unsigned i = 0; i < rs_deviation_count; i++)
        if (strcmp(rs_deviations[i].claim, claim) == 0)
            departing.mask |= rs_fuzz_bit(i);
    rs_fuzz_predict(&one, RS_VENDOR_AMD, &departing, departing.mask, &prediction, NULL, NULL);
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
    return unit_run(suite);
}
