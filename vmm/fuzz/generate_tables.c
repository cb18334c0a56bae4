/* SPDX-License-Identifier: MIT
 * Random cases: GDT, LDT, IDT and TSS; selectors, stacks and targets. */
#include "internal.h"

#include <string.h>

uint64_t rs_fuzz_odd_address(struct rs_random *random)
{
    static const uint64_t addresses[] = {
        0,
        8,
        FUZZ_EDGE,
        FUZZ_EDGE + 0x800,
        FUZZ_EDGE_BEHIND,
        FUZZ_EDGE_BEHIND + 8,
        FUZZ_EDGE_BEHIND + 0x18,
        0x0000700000001000,
        0x00007ffffffffff0,
        0x0000800000000000,
        0x0000800000000010,
        0x8000000000000000,
        0xffff7ffffffffff8,
        0xffff800000000000,
        0xffff800000000020,
        0xfffff80000001000,
        0xfffffffffffffff8,
    };

    return addresses[rs_random_below(random, sizeof(addresses) / sizeof(addresses[0]))];
}

uint64_t rs_fuzz_stack(struct rs_random *random, uint64_t usual)
{
    if (rs_random_chance(random, 8))
        return rs_fuzz_odd_address(random);
    if (rs_random_chance(random, 2))
        usual -= rs_random_below(random, 0x40);
    return usual;
}

uint64_t rs_fuzz_target(struct rs_random *random)
{
    switch (rs_random_below(random, 8)) {
    case 0:
        return rs_fuzz_odd_address(random);
    case 1:
    case 2:
        return FUZZ_SLOT(rs_random_below(random, FUZZ_SLOTS));
    case 3:
        return PROBE_ENTRIES + rs_random_below(random, PAGE_SIZE);
    case 4:
        return PROBE_TARGET | rs_random_next(random) << 32;
    default:
        return PROBE_TARGET;
    }
}

uint16_t rs_fuzz_selector(struct rs_random *random)
{
    static const uint16_t usual[] = {
        KGDT64_R0_CODE,
        KGDT64_R0_DATA,
        KGDT64_R3_CODE | RPL_MASK,
        KGDT64_R3_DATA | RPL_MASK,
        KGDT64_R3_CMCODE | RPL_MASK,
        FUZZ_SEL_R1_CODE | 1,
        FUZZ_SEL_R1_DATA | 1,
        FUZZ_SEL_R2_CODE | 2,
        FUZZ_SEL_R2_DATA | 2,
    };

    switch (rs_random_below(random, 8)) {
    case 0:
        return (uint16_t)rs_random_next(random);
    case 1:
        return (uint16_t)rs_random_below(random, 4); /* null */
    case 2:
        return (uint16_t)(rs_random_below(random, FUZZ_LDT_ENTRIES * 8) | SELECTOR_TI);
    case 3:
    case 4:
        return (uint16_t)((FUZZ_GDT_RANDOM + rs_random_below(random, 16)) * 8 +
                          rs_random_below(random, 4));
    default:
        return usual[rs_random_below(random, sizeof(usual) / sizeof(usual[0]))];
    }
}

#define CODE64(dpl) (RS_U64(0x00209b0000000000) | (uint64_t)(dpl) << 45)
#define DATA(dpl) (RS_U64(0x00cf93000000ffff) | (uint64_t)(dpl) << 45)

/* A sound one with some bits of its rights turned over. */
static uint64_t random_descriptor(struct rs_random *random)
{
    static const uint64_t sound[] = {
        CODE64(0),
        CODE64(1),
        CODE64(2),
        CODE64(3),
        RS_U64(0x00209f0000000000), /* conforming, of ring 0, 3 */
        RS_U64(0x0020ff0000000000),
        DATA(0),
        DATA(1),
        DATA(2),
        DATA(3),
        RS_U64(0x00cffb000000ffff), /* 32-bit code of ring 3 */
        RS_U64(0x0000e9000000ffff), /* a TSS */
    };
    uint64_t raw = sound[rs_random_below(random, sizeof(sound) / sizeof(sound[0]))];

    for (unsigned flips = rs_random_below(random, 3); flips > 0; flips--)
        raw ^= UINT64_C(1) << (40 + rs_random_below(random, 8));
    if (rs_random_chance(random, 4))
        raw ^= UINT64_C(1) << (53 + rs_random_below(random, 2)); /* L, D */
    return raw;
}

static void set_tss_descriptor(uint64_t raw[2], uint64_t base)
{
    raw[0] = (TSS64_SIZE - 1) | (base & 0xffffff) << 16 | (uint64_t)DESC_TYPE_TSS_BUSY << 40 |
             UINT64_C(1) << 47 | (base >> 24 & 0xff) << 56;
    raw[1] = base >> 32;
}

static void generate_gdt(struct rs_random *random, struct rs_fuzz_case *one)
{
    uint64_t gdt[FUZZ_GDT_ENTRIES] = {
        [KGDT64_R0_CODE / 8] = CODE64(0),
        [KGDT64_R0_DATA / 8] = DATA(0),
        [KGDT64_R3_CMCODE / 8] = RS_U64(0x00cffb000000ffff),
        [KGDT64_R3_DATA / 8] = DATA(3),
        [KGDT64_R3_CODE / 8] = CODE64(3),
        [KGDT64_R3_CMTEB / 8] = DATA(3),
        [FUZZ_SEL_R1_CODE / 8] = CODE64(1),
        [FUZZ_SEL_R1_DATA / 8] = DATA(1),
        [FUZZ_SEL_R2_CODE / 8] = CODE64(2),
        [FUZZ_SEL_R2_DATA / 8] = DATA(2),
    };
    uint64_t ldt[FUZZ_LDT_ENTRIES];

    set_tss_descriptor(&gdt[KGDT64_SYS_TSS / 8], PROBE_TSS);
    for (unsigned i = FUZZ_GDT_RANDOM; i < FUZZ_GDT_ENTRIES; i++)
        gdt[i] = random_descriptor(random);
    for (unsigned i = 0; i < FUZZ_LDT_ENTRIES; i++)
        ldt[i] = random_descriptor(random);
    rs_fuzz_put(one, PROBE_GDT, gdt, sizeof(gdt));
    rs_fuzz_put(one, FUZZ_LDT, ldt, sizeof(ldt));
    one->before.gdt = (struct rs_table_register){PROBE_GDT, sizeof(gdt) - 1};
    if (rs_random_chance(random, 32))
        one->before.gdt.limit = (uint16_t)rs_random_below(random, sizeof(gdt));
    if (rs_random_chance(random, 2)) {
        one->before.ldt_base = FUZZ_LDT;
        one->before.ldt_limit = sizeof(ldt) - 1;
        if (rs_random_chance(random, 8))
            one->before.ldt_limit = rs_random_below(random, sizeof(ldt));
    }
}

static void spoil_gate(struct rs_random *random, uint64_t gate[2])
{
    switch (rs_random_below(random, 8)) {
    case 0: /* type, S, DPL, P */
        gate[0] ^= UINT64_C(1) << (40 + rs_random_below(random, 8));
        break;
    case 1:
        gate[0] ^= UINT64_C(3) << 45; /* DPL */
        break;
    case 2:
        gate[0] |= (uint64_t)rs_random_below(random, 8) << 32; /* IST */
        break;
    case 3:
        gate[0] &= ~(UINT64_C(0xffff) << 16);
        gate[0] |= (uint64_t)rs_fuzz_selector(random) << 16;
        break;
    case 4:
        rs_gate_set_offset(gate, rs_fuzz_target(random));
        break;
    case 5:
        rs_gate_set_offset(gate, FUZZ_SLOT(rs_random_below(random, FUZZ_SLOTS)));
        break;
    case 6:
        gate[0] ^= UINT64_C(1) << 40; /* a trap gate */
        break;
    default: /* what is reserved */
        gate[0] ^= (uint64_t)rs_random_below(random, 32) << 35;
        gate[1] ^= rs_random_next(random) << 32;
    }
}

static void spoil(struct rs_random *random, struct rs_fuzz_case *one, uint8_t vector)
{
    uint64_t gate[2];

    memcpy(gate, one->memory + PROBE_IDT + vector * sizeof(gate), sizeof(gate));
    spoil_gate(random, gate);
    rs_fuzz_put(one, PROBE_IDT + vector * sizeof(gate), gate, sizeof(gate));
}

/* The gates of ring 3 are DPL 3, so that INT n gets through as often as not. */
static void generate_idt(struct rs_random *random, struct rs_fuzz_case *one, uint8_t vector)
{
    static const uint8_t others[] = {RS_VECTOR_DF, RS_VECTOR_TS, RS_VECTOR_NP, RS_VECTOR_SS,
                                     RS_VECTOR_GP, RS_VECTOR_PF, RS_VECTOR_UD};
    struct rs_cpu_state *state = &one->before;
    uint64_t gate[2];

    for (unsigned i = 0; i < 256; i++) {
        gate[0] = UINT64_C(1) << 47 | (i & 3 ? UINT64_C(3) << 45 : 0) |
                  (uint64_t)DESC_TYPE_INTERRUPT_GATE << 40 | (uint64_t)KGDT64_R0_CODE << 16;
        gate[1] = 0;
        rs_gate_set_offset(gate, PROBE_VECTORS + i * PROBE_GATE_SIZE);
        rs_fuzz_put(one, PROBE_IDT + i * sizeof(gate), gate, sizeof(gate));
    }
    if (rs_random_chance(random, 2))
        spoil(random, one, vector);
    if (rs_random_chance(random, 8))
        spoil(random, one, others[rs_random_below(random, sizeof(others))]);
    state->idt = (struct rs_table_register){PROBE_IDT, 256 * sizeof(gate) - 1};
    if (rs_random_chance(random, 32))
        state->idt.limit = (uint16_t)rs_random_below(random, 256 * sizeof(gate));
    if (rs_random_chance(random, 32)) {
        uint64_t size = 64 + rs_random_below(random, PAGE_SIZE - 64);

        state->idt.base = FUZZ_EDGE - size;
        rs_fuzz_put(one, state->idt.base, one->memory + PROBE_IDT, size);
    }
}

static void generate_tss(struct rs_random *random, struct rs_fuzz_case *one)
{
    struct rs_cpu_state *state = &one->before;
    uint8_t tss[TSS64_SIZE] = {0};
    uint16_t no_bitmap = TSS64_SIZE;

    for (unsigned i = 0; i < 3; i++) {
        uint64_t rsp = rs_fuzz_stack(random, PROBE_RSP0);

        memcpy(tss + TSS64_RSP0 + 8 * (size_t)i, &rsp, sizeof(rsp));
    }
    for (unsigned i = 1; i <= 7; i++) {
        uint64_t ist = rs_fuzz_stack(random, PROBE_IST(i));

        memcpy(tss + TSS64_IST1 + 8 * (size_t)(i - 1), &ist, sizeof(ist));
    }
    memcpy(tss + TSS64_IOMAP_BASE, &no_bitmap, sizeof(no_bitmap));
    rs_fuzz_put(one, PROBE_TSS, tss, sizeof(tss));
    state->tr = (struct rs_segment){
        .base = PROBE_TSS,
        .limit = TSS64_SIZE - 1,
        .selector = KGDT64_SYS_TSS,
        .type = DESC_TYPE_TSS_BUSY,
        .p = true,
    };
    if (rs_random_chance(random, 32))
        state->tr.limit = rs_random_below(random, TSS64_SIZE);
    else if (rs_random_chance(random, 32) && state->idt.base == PROBE_IDT) {
        uint64_t size = 1 + rs_random_below(random, TSS64_SIZE);

        state->tr.base = FUZZ_EDGE - size;
        rs_fuzz_put(one, state->tr.base, tss, size);
    }
}

void rs_fuzz_generate_tables(struct rs_random *random, struct rs_fuzz_case *one, uint8_t vector)
{
    generate_gdt(random, one);
    generate_idt(random, one, vector);
    generate_tss(random, one);
}
