/* SPDX-License-Identifier: MIT
 * Decoding gates and segments. Expected values: the fields' bit ranges in SDM Vol. 3A, "64-Bit Mode
 * IDT" and "Segment Descriptors", applied by hand. */
#include "fake_machine.h"
#include "unit.h"

/* Attribute words: P 15, DPL 14:13, 0 12, type 11:8, 0 7:3, IST 2:0. */
// clang-format off
static const struct {
    const char *name;
    uint64_t low, high;
    struct rs_gate gate;
} gates[] = {
    /* Offset bytes 6b62 a100 around the attributes 8e00; the high half is the address's. */
    {"interrupt gate", 0x6b628e000010a100, 0xfffff801,
     {.offset = 0xfffff8016b62a100, .selector = 0x10, .type = 0xe, .p = true}},
    {"IST 3", 0x6b628e030010a240, 0xfffff801,
     {.offset = 0xfffff8016b62a240, .selector = 0x10, .ist = 3, .type = 0xe, .p = true}},
    {"#DB of an NT system: IST 4", 0x83a08e0400102040, 0xfffff801,
     {.offset = 0xfffff80183a02040, .selector = 0x10, .ist = 4, .type = 0xe, .p = true}},
    {"#BP of an NT system: DPL 3", 0x83a0ee0000102a00, 0xfffff801,
     {.offset = 0xfffff80183a02a00, .selector = 0x10, .type = 0xe, .dpl = 3, .p = true}},
    {"digits", 0x9877cc05abcd5433, 0x89abcdef,
     {.offset = 0x89abcdef98775433, .selector = 0xabcd, .ist = 5, .type = 0xc, .dpl = 2,
      .p = true}},
    {"trap gate, DPL 3", 0x0000ef0000330000, 0,
     {.selector = 0x33, .type = 0xf, .dpl = 3, .p = true}},
    {"not present, DPL 1, type 0xc", 0x00002c0700000000, 0, {.ist = 7, .type = 0xc, .dpl = 1}},
    {"s set", 0x00009e0000000000, 0, {.type = 0xe, .p = true, .s = true}},
    {"all ones", UINT64_MAX, UINT64_MAX,
     {.offset = UINT64_MAX, .selector = 0xffff, .ist = 7, .type = 0xf, .dpl = 3, .p = true,
     .s = true, .reserved_set = true}},
    {"all zeroes", 0, 0, {0}},
    {"low bit 35 is reserved", UINT64_C(1) << 35, 0, {.reserved_set = true}},
    {"low bit 39 is reserved", UINT64_C(1) << 39, 0, {.reserved_set = true}},
    {"high bit 40 is reserved", 0, UINT64_C(1) << 40, {.reserved_set = true}},
    {"high bit 44 is reserved", 0, UINT64_C(1) << 44, {.reserved_set = true}},
    {"high bits 39 and 45 may be anything", 0, UINT64_C(1) << 39 | UINT64_C(1) << 45, {0}},
};
// clang-format on

START_TEST(decodes_gates)
{
    const char *name = gates[_i].name;
    const struct rs_gate *expected = &gates[_i].gate;
    uint64_t raw[2] = {gates[_i].low, gates[_i].high};
    struct rs_gate gate;

    rs_gate_decode(raw, &gate);
    assert_row_eq(name, gate.offset, expected->offset);
    assert_row_eq(name, gate.selector, expected->selector);
    assert_row_eq(name, gate.ist, expected->ist);
    assert_row_eq(name, gate.type, expected->type);
    assert_row_eq(name, gate.dpl, expected->dpl);
    assert_row_eq(name, gate.p, expected->p);
    assert_row_eq(name, gate.s, expected->s);
    assert_row_eq(name, gate.reserved_set, expected->reserved_set);
}
END_TEST

START_TEST(set_offset_changes_nothing_else)
{
    uint64_t raw[2] = {0x6b62ee030010a100, 0xdeadbeeffffff801};

    rs_gate_set_offset(raw, 0x1122334555697789);
    ck_assert_uint_eq(raw[0], 0x5569ee0300107789);
    ck_assert_uint_eq(raw[1], 0xdeadbeef11223345);
}
END_TEST

/* NT's GDT, and one descriptor with every base and limit digit different. */
// clang-format off
static const struct {
    const char *name;
    uint64_t raw;
    struct rs_segment segment;
} segments[] = {
    {"R0 code", 0x00209b0000000000, {.type = 0xb, .s = true, .p = true, .l = true}},
    {"R0 data", 0x0040930000000000, {.type = 0x3, .s = true, .p = true, .db = true}},
    /* limit fffff, G = 1: fffff * 4096 + 4095 */
    {"R3 32-bit code", 0x00cffb000000ffff,
     {.limit = 0xffffffff, .type = 0xb, .s = true, .p = true, .db = true, .g = true, .dpl = 3}},
    {"R3 TEB", 0x0040f31234563c00,
     {.base = 0x00123456, .limit = 0x3c00, .type = 3, .s = true, .p = true, .db = true, .dpl = 3}},
    {"digits", 0x9a9a7b6543210fed,
     {.base = 0x9a654321, .limit = 0xa0fed << 12 | 0xfff, .type = 0xb, .s = true, .g = true,
     .dpl = 3}},
    {"base bit 24 is beside G", 0x0100000000000000, {.base = 0x01000000}},
    {"not present, DPL 1, system", 0x0000250000000000, {.type = 5, .dpl = 1}},
};
// clang-format on

START_TEST(decodes_segments)
{
    const char *name = segments[_i].name;
    const struct rs_segment *expected = &segments[_i].segment;
    struct rs_segment segment;

    rs_segment_decode(segments[_i].raw, 0x2b, &segment);
    assert_row_eq(name, segment.selector, 0x2b);
    assert_row_eq(name, segment.base, expected->base);
    assert_row_eq(name, segment.limit, expected->limit);
    assert_row_eq(name, segment.type, expected->type);
    assert_row_eq(name, segment.s, expected->s);
    assert_row_eq(name, segment.p, expected->p);
    assert_row_eq(name, segment.l, expected->l);
    assert_row_eq(name, segment.db, expected->db);
    assert_row_eq(name, segment.g, expected->g);
    assert_row_eq(name, segment.dpl, expected->dpl);
    assert_row_eq(name, segment.unusable, 0);
}
END_TEST

/* Canonical: bits 63:47 (63:56 with LA57) all equal. SDM Vol. 1, "Canonical Addressing". */
static const struct {
    const char *name;
    uint64_t address;
    bool la48, la57;
} addresses[] = {
    {"zero", 0, true, true},
    {"end of the low half", 0x00007fffffffffff, true, true},
    {"after it", 0x0000800000000000, false, true},
    {"before the high half", 0xffff7fffffffffff, false, true},
    {"high half", 0xffff800000000000, true, true},
    {"end of the low half, 57 bits", 0x00ffffffffffffff, false, true},
    {"after it, 57 bits", 0x0100000000000000, false, false},
    {"before the high half, 57 bits", 0xfeffffffffffffff, false, false},
    {"high half, 57 bits", 0xff00000000000000, false, true},
    {"last", UINT64_MAX, true, true},
};

START_TEST(knows_canonical_addresses)
{
    assert_row_eq(addresses[_i].name, rs_is_canonical(addresses[_i].address, false),
                  addresses[_i].la48);
    assert_row_eq(addresses[_i].name, rs_is_canonical(addresses[_i].address, true),
                  addresses[_i].la57);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gate");

    UNIT_ADD_ROWS(suite, decodes_gates, gates);
    UNIT_ADD(suite, set_offset_changes_nothing_else);
    UNIT_ADD_ROWS(suite, decodes_segments, segments);
    UNIT_ADD_ROWS(suite, knows_canonical_addresses, addresses);
    return unit_run(suite);
}
