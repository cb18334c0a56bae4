/* SPDX-License-Identifier: MIT
 * What the model reads, as a host takes it that leaves out some checks. */
#include "deviations.h"
#include "predict.h"

#include <string.h>

#define GATE_SIZE 16
#define GATE_TYPE (UINT64_C(0xf) << 40)
#define GATE_S (UINT64_C(1) << 44)

static void apply(struct rs_fuzz_path *run, rs_fuzz_mask deviation, bool changes)
{
    if (changes)
        run->prediction->applied |= deviation;
}

static uint64_t memory_word(const struct rs_fuzz_path *run, uint64_t gva)
{
    uint64_t word = 0;

    if (rs_fuzz_page_of(gva) == RS_PAGE_RAM && rs_fuzz_page_of(gva + 7) == RS_PAGE_RAM)
        rs_fuzz_memory(run->one, run->prediction, gva, &word, sizeof(word));
    return word;
}

/* The stack that such a host takes: by the RPL of the gate's selector. */
static bool can_push(const struct rs_fuzz_path *run, const struct rs_gate *gate)
{
    const struct rs_cpu_state *state = &run->step->before;
    uint64_t rsp = state->gpr[RS_RSP], lowest;

    if (gate->ist != 0)
        rsp = memory_word(run, state->tr.base + TSS64_IST1 + 8u * (gate->ist - 1u));
    else if ((gate->selector & SELECTOR_RPL) < state->cpl)
        rsp = memory_word(run, state->tr.base + TSS64_RSP0);
    rsp &= ~UINT64_C(15);
    lowest = rsp - 5 * sizeof(uint64_t);
    return rs_fuzz_page_of(rsp - 1) != RS_PAGE_UNMAPPED &&
           rs_fuzz_page_of(lowest) != RS_PAGE_UNMAPPED;
}

/* Its lowest bit alone tells a trap gate from an interrupt gate. */
static void relax_gate(struct rs_fuzz_path *run, void *buffer)
{
    struct rs_fuzz_step *step = run->step;
    struct rs_gate decoded;
    uint64_t gate[2], old;

    memcpy(gate, buffer, sizeof(gate));
    old = gate[0];
    if (step->relaxed_gates) {
        gate[0] &= ~(GATE_S | (GATE_TYPE & ~(UINT64_C(1) << 40)));
        gate[0] |= (uint64_t)DESC_TYPE_INTERRUPT_GATE << 40;
        apply(run, step->relaxed_gates, gate[0] != old);
    }
    rs_gate_decode(gate, &decoded);
    step->selector = decoded.selector;
    if (step->relaxed_ldt && decoded.selector & SELECTOR_TI) {
        step->result->after.ldt_base = step->result->after.ldt_limit = 0;
        apply(run, step->relaxed_ldt, true);
    }
    /* The frame of an event is pushed before the selector is asked for anything: when that fails,
     * it may be any. */
    if (step->relaxed_rpl && step->is_event && step->cause.kind != RS_CAUSE_EXCEPTION &&
        !can_push(run, &decoded))
        gate[0] = (gate[0] & ~(UINT64_C(0xfffc) << 16)) | (uint64_t)KGDT64_R0_CODE << 16;
    if (step->relaxed_offset && !rs_is_canonical(decoded.offset, false)) {
        step->offset = decoded.offset;
        rs_gate_set_offset(gate, FUZZ_ANY_RIP);
        apply(run, step->relaxed_offset, true);
    }
    memcpy(buffer, gate, sizeof(gate));
}

/* SDM Vol. 3A, "Segment Descriptors". */
#define DESCRIPTOR_TYPE (UINT64_C(0x1f) << 40) /* with S */
#define DESCRIPTOR_CODE (UINT64_C(0x1b) << 40)
#define DESCRIPTOR_DATA (UINT64_C(0x13) << 40)
#define DESCRIPTOR_ACCESSED (UINT64_C(1) << 40)
#define DESCRIPTOR_DPL(dpl) ((uint64_t)(dpl) << 45)
#define DESCRIPTOR_P (UINT64_C(1) << 47)
#define DESCRIPTOR_L (UINT64_C(1) << 53)
#define DESCRIPTOR_D (UINT64_C(1) << 54)
#define DESCRIPTOR_LIMIT (UINT64_C(0x008f00000000ffff)) /* with G: all that there is */

/* Whatever the gate's selector names is code, and the selector's RPL the handler's CPL, unless that
 * is lower already. */
static void relax_code(struct rs_fuzz_path *run, uint64_t *raw)
{
    struct rs_fuzz_step *step = run->step;
    uint8_t rpl = step->selector & SELECTOR_RPL, cpl = step->before.cpl & SELECTOR_RPL;
    uint64_t sound = *raw;

    step->descriptor = *raw;
    if (step->relaxed_code) {
        sound &= ~(DESCRIPTOR_TYPE | DESCRIPTOR_D);
        sound |= DESCRIPTOR_CODE | DESCRIPTOR_P | DESCRIPTOR_L;
        apply(run, step->relaxed_code, sound != (*raw | DESCRIPTOR_ACCESSED));
    }
    if (step->relaxed_rpl) {
        sound &= ~DESCRIPTOR_DPL(3);
        sound |= DESCRIPTOR_DPL(rpl < cpl ? rpl : cpl);
        apply(run, step->relaxed_rpl,
              rpl > cpl || (sound & DESCRIPTOR_DPL(3)) != (*raw & DESCRIPTOR_DPL(3)));
    }
    *raw = sound;
}

/* Both selectors are looked up before either is asked for more. */
static bool ss_is_found(const struct rs_fuzz_step *step)
{
    uint16_t selector = step->popped.ss;
    bool local = (selector & SELECTOR_TI) != 0;
    uint32_t limit = local ? step->result->after.ldt_limit : step->before.gdt.limit;

    if ((selector & ~SELECTOR_RPL) == 0)
        return selector == step->before.cpl;
    return (selector & SELECTOR_INDEX) + 7u <= limit;
}

/* Of IRET's segments present or not is asked first, then the DPL; neither what they are nor their
 * limit. */
static void relax_selector(struct rs_fuzz_path *run, uint64_t *raw)
{
    struct rs_fuzz_step *step = run->step;
    bool is_cs = step->selectors++ == 0, absent = !(*raw & DESCRIPTOR_P);
    uint16_t selector = is_cs ? step->popped.cs : step->popped.ss;
    uint64_t old = *raw;

    *raw = (*raw & ~DESCRIPTOR_TYPE) | (is_cs ? DESCRIPTOR_CODE : DESCRIPTOR_DATA);
    if (is_cs) {
        step->descriptor = old;
        *raw |= DESCRIPTOR_LIMIT;
        /* A null SS is for CPL 0 to 2 whatever the code. */
        if ((step->popped.ss & ~SELECTOR_RPL) == 0 && (selector & SELECTOR_RPL) != 3)
            *raw |= DESCRIPTOR_L;
        if (*raw & DESCRIPTOR_L)
            *raw &= ~DESCRIPTOR_D;
        if (!ss_is_found(step))
            *raw = (*raw & ~DESCRIPTOR_DPL(3)) | DESCRIPTOR_DPL(selector & SELECTOR_RPL) |
                   DESCRIPTOR_P;
    } else {
        step->absent_ss = absent;
    }
    if (absent)
        *raw = (*raw & ~DESCRIPTOR_DPL(3)) | DESCRIPTOR_DPL(selector & SELECTOR_RPL);
    apply(run, step->relaxed_selectors, *raw != (old | DESCRIPTOR_ACCESSED));
}

/* Of a handler's code that is neither present nor 64-bit the manuals do not say which shows: SDM
 * Vol. 2A, "INT n", tells when P is asked for, and L and D only that they are. */
static bool is_unordered(const struct rs_fuzz_step *step, uint64_t raw)
{
    struct rs_segment code;

    rs_segment_decode(raw, step->selector, &code);
    return code.s && code.type & SEGMENT_TYPE_CODE && code.dpl <= step->before.cpl && !code.p &&
           (!code.l || code.db);
}

static bool in_table(uint64_t gva, uint64_t base, uint64_t limit)
{
    return limit != 0 && gva - base <= limit;
}

/* Of the CS that IRET has popped: L and D, and what a null SS asks of it. */
static void relax_popped_code(struct rs_fuzz_path *run, uint64_t *raw)
{
    struct rs_fuzz_step *step = run->step;
    const struct rs_fuzz_popped *popped = &step->popped;
    uint64_t old = *raw;

    step->descriptor = old;
    if (step->relaxed_limit && !(old & DESCRIPTOR_L)) {
        *raw |= DESCRIPTOR_LIMIT;
        apply(run, step->relaxed_limit, *raw != old);
    }
    if (step->relaxed_wide && (old & DESCRIPTOR_L) && (old & DESCRIPTOR_D)) {
        *raw &= ~DESCRIPTOR_D;
        apply(run, step->relaxed_wide, true);
    }
    if (step->relaxed_null_32 && (popped->ss & ~SELECTOR_RPL) == 0 &&
        (popped->cs & SELECTOR_RPL) != 3 && !(old & DESCRIPTOR_L)) {
        *raw = (*raw | DESCRIPTOR_L) & ~DESCRIPTOR_D;
        apply(run, step->relaxed_null_32, true);
    }
    step->restores_cs = *raw != old;
}

/* In the frame of an IRET: a null SS of the RPL that it should have. */
static void relax_null_ss(struct rs_fuzz_path *run, uint64_t gva, uint8_t *buffer, size_t size)
{
    static const uint8_t sizes[] = {4, 8, 2};
    struct rs_fuzz_step *step = run->step;
    const struct rs_fuzz_popped *popped = &step->popped;
    uint64_t at = step->before.gpr[RS_RSP] + 4u * sizes[step->cause.operand] - gva; /* of SS */
    uint16_t ss = popped->cs & SELECTOR_RPL;

    if (at >= size || size - at < sizeof(ss) || (popped->ss & ~SELECTOR_RPL) != 0 || ss == 3)
        return;
    memcpy(buffer + at, &ss, sizeof(ss));
    apply(run, step->relaxed_null, ss != popped->ss);
}

/* What IRET reads second is SS's, unless it raised something about CS, which a gate delivers. */
static bool is_of_ss(const struct rs_fuzz_step *step, uint64_t gva)
{
    uint16_t selector = step->popped.ss;
    uint64_t base = selector & SELECTOR_TI ? step->before.ldt_base : step->before.gdt.base;

    return gva == base + (selector & SELECTOR_INDEX);
}

static void relax_descriptor(struct rs_fuzz_path *run, uint64_t gva, void *buffer)
{
    struct rs_fuzz_step *step = run->step;
    uint64_t raw;

    memcpy(&raw, buffer, sizeof(raw));
    if (step->relaxed_selectors && rs_is_instruction(step, RS_CAUSE_IRET) &&
        (step->selectors == 0 || (step->selectors == 1 && is_of_ss(step, gva))))
        relax_selector(run, &raw);
    else if (rs_is_instruction(step, RS_CAUSE_IRET) && step->selectors++ == 0)
        relax_popped_code(run, &raw);
    else if ((step->relaxed_code || step->relaxed_rpl) && rs_is_delivery(step))
        relax_code(run, &raw);
    if (rs_is_delivery(step) && is_unordered(step, raw))
        run->outside = true;
    memcpy(buffer, &raw, sizeof(raw));
}

/* A popped RIP that is not canonical is where the next fetch faults. */
static void relax_rip(struct rs_fuzz_path *run, void *buffer)
{
    struct rs_fuzz_step *step = run->step;
    uint64_t rip;

    memcpy(&rip, buffer, sizeof(rip));
    if (rs_is_canonical(rip, false))
        return;
    step->offset = rip;
    apply(run, step->relaxed_iret, true);
    memcpy(buffer, &(uint64_t){FUZZ_ANY_RIP}, sizeof(uint64_t));
}

/* RSP0 is taken for RSP1 and RSP2, too. */
uint64_t rs_fuzz_relax_address(struct rs_fuzz_path *run, uint64_t gva)
{
    uint64_t rsp0 = run->step->before.tr.base + TSS64_RSP0;

    if (!run->step->relaxed_rsp || gva - (rsp0 + 8) >= 16)
        return gva;
    apply(run, run->step->relaxed_rsp, true);
    return rsp0 + (gva - rsp0) % 8;
}

void rs_fuzz_relax(struct rs_fuzz_path *run, uint64_t gva, void *buffer, size_t size)
{
    struct rs_fuzz_step *step = run->step;
    const struct rs_cpu_state *state = &step->before;

    if (size == GATE_SIZE && gva - state->idt.base < UINT64_C(256) * GATE_SIZE) {
        relax_gate(run, buffer);
        return;
    }
    if (step->relaxed_null && rs_is_instruction(step, RS_CAUSE_IRET))
        relax_null_ss(run, gva, buffer, size);
    if (step->relaxed_iret && gva == state->gpr[RS_RSP] && size >= sizeof(uint64_t))
        relax_rip(run, buffer);
    else if (size == sizeof(uint64_t) && (in_table(gva, state->gdt.base, state->gdt.limit) ||
                                          in_table(gva, state->ldt_base, state->ldt_limit)))
        relax_descriptor(run, gva, buffer);
}
