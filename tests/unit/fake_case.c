/* SPDX-License-Identifier: MIT */
#include "fake_case.h"
#include "unit.h"

struct rs_fuzz_case fake_case;
struct rs_fuzz_prediction fake_prediction;

void fake_plain(const char *code)
{
    static const char *const plain = "no case of this seed is plain";
    uint64_t gate[2];

    for (uint64_t i = 0; i < 2000; i++) {
        rs_fuzz_generate(5, i, &fake_case);
        if (fake_case.kind == RS_FUZZ_KIND_EXCEPTION && fake_case.from == RS_FROM_RING3 &&
            fake_case.before.idt.base == PROBE_IDT && fake_case.before.idt.limit == 0xfff &&
            fake_case.before.gdt.limit == FUZZ_GDT_ENTRIES * 8 - 1 &&
            fake_case.before.tr.base == PROBE_TSS && fake_case.before.tr.limit == TSS64_SIZE - 1)
            break;
        ck_assert_msg(i < 1999, "%s", plain);
    }
    fake_case.before.gpr[RS_RSP] = PROBE_STACK3 - 0x100;
    fake_case.before.rflags = RFLAGS_FIXED | RFLAGS_IF;
    fake_case.before.rip = PROBE_CODE + PAGE_SIZE - 2;
    rs_fuzz_put(&fake_case, fake_case.before.rip, code, 2);
    for (unsigned vector = 0; vector < 32; vector++) {
        gate[0] = UINT64_C(1) << 47 | (uint64_t)DESC_TYPE_INTERRUPT_GATE << 40 |
                  (uint64_t)KGDT64_R0_CODE << 16;
        gate[1] = 0;
        rs_gate_set_offset(gate, PROBE_VECTORS + vector * PROBE_GATE_SIZE);
        rs_fuzz_put(&fake_case, PROBE_IDT + vector * sizeof(gate), gate, sizeof(gate));
    }
    rs_fuzz_put(&fake_case, PROBE_TSS + TSS64_RSP0, &(uint64_t){PROBE_RSP0}, sizeof(uint64_t));
}

void fake_return(const char *code, uint64_t rip, uint16_t cs, uint64_t rflags, uint16_t ss)
{
    const uint64_t frame[] = {rip, cs, rflags, PROBE_STACK3 - 0x200, ss};

    fake_plain(code);
    rs_segment_decode(UINT64_C(0x00209b0000000000), KGDT64_R0_CODE, &fake_case.before.cs);
    fake_case.before.cpl = 0;
    fake_case.before.gpr[RS_RSP] = PROBE_STACK0 - 0x100;
    rs_fuzz_put(&fake_case, fake_case.before.gpr[RS_RSP], frame, sizeof(frame));
}

void fake_set_selector(uint8_t vector, uint16_t selector)
{
    rs_fuzz_put(&fake_case, PROBE_IDT + vector * 16u + 2, &selector, sizeof(selector));
}

void fake_set_ist(uint8_t vector)
{
    rs_fuzz_put(&fake_case, PROBE_TSS + TSS64_IST1, &(uint64_t){PROBE_RSP0}, sizeof(uint64_t));
    rs_fuzz_put(&fake_case, PROBE_IDT + vector * 16u + 4, "\1", 1);
}

uint16_t fake_descriptor(uint64_t raw)
{
    rs_fuzz_put(&fake_case, fake_case.before.gdt.base + FUZZ_GDT_RANDOM * 8u, &raw, sizeof(raw));
    return FUZZ_GDT_RANDOM * 8u;
}

void fake_predict(void)
{
    rs_fuzz_predict(&fake_case, RS_VENDOR_AMD, NULL, 0, &fake_prediction, NULL, NULL);
}

void fake_predict_both(const char *claim, const char *field, const char *second)
{
    struct rs_departing departing = {.mask = 0};

    for (unsigned i = 0; i < rs_deviation_count; i++) {
        const struct rs_deviation *deviation = &rs_deviations[i];
        bool is_first = strcmp(deviation->claim, claim) == 0 &&
                        (!field || strcmp(deviation->field, field) == 0);

        if (is_first || (second && strcmp(deviation->claim, second) == 0))
            departing.mask |= rs_fuzz_bit(i);
    }
    rs_fuzz_predict(&fake_case, RS_VENDOR_AMD, &departing, departing.mask, &fake_prediction, NULL,
                    NULL);
}

void fake_predict_with(const char *claim)
{
    fake_predict_both(claim, NULL, NULL);
}

uint64_t fake_handler(uint8_t vector)
{
    return PROBE_VECTORS + (uint64_t)vector * PROBE_GATE_SIZE;
}
