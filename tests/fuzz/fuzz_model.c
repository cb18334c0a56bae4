/* SPDX-License-Identifier: MIT
 * The model over any state, tables and cause: it ends, stays inside its result, and keeps what
 * holds for every transition. */
#include <string.h>

#include "fake_machine.h"
#include "fuzz.h"

static struct fake_machine m;

/* A number of 64 bits: arbitrary, small, or one that means something to the machine. */
static uint64_t take_value(struct fuzz_input *input)
{
    static const uint64_t values[] = {
        0,        1,         UINT64_MAX,    0x00007fffffffffff, 0x0000800000000000,
        FAKE_GDT, FAKE_IDT,  FAKE_TSS,      0xffff800000000000, 0xffff7fffffffffff,
        FAKE_LDT, FAKE_RSP0, FAKE_USER_RIP, FAKE_KERNEL_STACK,  FAKE_USER_STACK,
    };

    switch (fuzz_below(input, 3)) {
    case 0:
        return fuzz_take(input, 8);
    case 1:
        return fuzz_take(input, 2);
    default:
        return values[fuzz_below(input, sizeof(values) / sizeof(values[0]))] +
               (uint64_t)(int8_t)fuzz_take(input, 1);
    }
}

static void patch_register(struct fuzz_input *input)
{
    struct rs_cpu_state *state = &m.state;
    uint64_t *const registers[] = {
        &state->rip,         &state->rflags,  &state->cr4,         &state->efer,
        &state->star,        &state->lstar,   &state->cstar,       &state->fmask,
        &state->cs.base,     &state->ss.base, &state->gdt.base,    &state->idt.base,
        &state->ldt_base,    &state->tr.base, &state->gpr[RS_RSP], &state->gpr[RS_RCX],
        &state->gpr[RS_R11],
    };

    *registers[fuzz_below(input, sizeof(registers) / sizeof(registers[0]))] = take_value(input);
}

static void patch_limit(struct fuzz_input *input)
{
    m.state.gdt.limit = (uint16_t)take_value(input);
    m.state.idt.limit = (uint16_t)take_value(input);
    m.state.ldt_limit = (uint32_t)take_value(input);
    m.state.tr.limit = (uint32_t)take_value(input);
}

static void patch_segments(struct fuzz_input *input)
{
    rs_segment_decode(take_value(input), (uint16_t)fuzz_take(input, 2), &m.state.cs);
    rs_segment_decode(take_value(input), (uint16_t)fuzz_take(input, 2), &m.state.ss);
    m.state.cpl = (uint8_t)fuzz_take(input, 1);
}

/* A frame on the kernel's stack, of plausible selectors. */
static void patch_frame(struct fuzz_input *input)
{
    uint8_t *frame = (uint8_t *)m.stack[8] + PAGE_SIZE - 0x100; /* FAKE_KERNEL_STACK's page */
    unsigned slot = fuzz_below(input, 2) ? 8 : 4;

    m.state.gpr[RS_RSP] = FAKE_KERNEL_STACK - 0x100;
    for (unsigned i = 0; i < 5; i++) {
        bool selector = i == 1 || i == 4;
        uint64_t value = selector ? fuzz_below(input, 0xc8) : take_value(input);

        memcpy(frame + (size_t)i * slot, &value, sizeof(value));
    }
}

/* Mostly one that will be used: the cause's own, or what can be raised on the way. */
static uint8_t take_vector(struct fuzz_input *input, const struct rs_cause *cause)
{
    static const uint8_t raised[] = {RS_VECTOR_DF, RS_VECTOR_TS, RS_VECTOR_NP,
                                     RS_VECTOR_SS, RS_VECTOR_GP, RS_VECTOR_PF};

    switch (fuzz_below(input, 4)) {
    case 0:
        return (uint8_t)fuzz_take(input, 1);
    case 1:
        return raised[fuzz_below(input, sizeof(raised))];
    default:
        return cause->vector;
    }
}

/* A gate that is nearly right: its offset and selector plausible, bits of its attributes flipped.
 */
static void patch_gate(struct fuzz_input *input, uint8_t vector)
{
    unsigned attributes = 0x8e00;

    for (unsigned flips = fuzz_below(input, 3); flips > 0; flips--)
        attributes ^= 1u << fuzz_below(input, 16);
    fake_machine_set_gate(&m, vector, (uint16_t)attributes,
                          fuzz_below(input, 2) ? KGDT64_R0_CODE : (uint16_t)fuzz_below(input, 0xc8),
                          fuzz_below(input, 2) ? FAKE_HANDLER(vector) : take_value(input));
}

static void patch(struct fuzz_input *input, const struct rs_cause *cause)
{
    uint8_t vector;

    switch (fuzz_below(input, 9)) {
    case 0:
        vector = take_vector(input, cause);
        m.idt[vector][0] = take_value(input);
        m.idt[vector][1] = take_value(input);
        break;
    case 1:
        patch_gate(input, take_vector(input, cause));
        break;
    case 2:
        m.gdt[fuzz_below(input, FAKE_GDT_ENTRIES)] = take_value(input);
        break;
    case 3:
        fake_machine_set_tss(&m, 8 * fuzz_below(input, TSS64_SIZE / 8) + 4, take_value(input));
        break;
    case 4:
        patch_register(input);
        break;
    case 5:
        patch_limit(input);
        break;
    case 6:
        patch_segments(input);
        break;
    case 7:
        patch_frame(input);
        break;
    default:
        m.regions[fuzz_below(input, FAKE_REGIONS)].size = 0;
        break;
    }
}

/* Every kind, and one outside the enumeration. */
static struct rs_cause take_cause(struct fuzz_input *input)
{
    return (struct rs_cause){
        .kind = (enum rs_cause_kind)fuzz_below(input, RS_CAUSE_IRET + 2),
        .vector = (uint8_t)fuzz_take(input, 1),
        .length = (uint8_t)fuzz_take(input, 1),
        .operand = (uint8_t)fuzz_below(input, 4),
        .has_error_code = fuzz_below(input, 2) != 0,
        .error_code = (uint32_t)fuzz_take(input, 2),
        .cr2 = fuzz_take(input, 8),
    };
}

static bool is_same_segment(const struct rs_segment *a, const struct rs_segment *b)
{
    return a->base == b->base && a->limit == b->limit && a->selector == b->selector &&
           a->type == b->type && a->s == b->s && a->p == b->p && a->l == b->l && a->db == b->db &&
           a->g == b->g && a->unusable == b->unusable && a->dpl == b->dpl;
}

/* What no transition changes is left out: TR, the table registers, the MSRs, CR0, CR3, CR4. */
static bool is_same_state(const struct rs_cpu_state *a, const struct rs_cpu_state *b)
{
    return memcmp(a->gpr, b->gpr, sizeof(a->gpr)) == 0 && a->rip == b->rip &&
           a->rflags == b->rflags && is_same_segment(&a->cs, &b->cs) &&
           is_same_segment(&a->ss, &b->ss) && a->cr2 == b->cr2 && a->cpl == b->cpl &&
           a->nmi_blocked == b->nmi_blocked;
}

/* Neither recording steps nor working in place changes anything else. */
static void check_without_steps(const struct rs_cause *cause)
{
    static struct rs_model_result silent;
    struct rs_model_env env = m.env;

    env.record_steps = false;
    silent.after = m.state;
    rs_model_run(&env, &silent.after, cause, &silent);
    FUZZ_CHECK(silent.step_count == 0 && silent.outcome == m.result.outcome);
    FUZZ_CHECK(silent.vector == m.result.vector && silent.ist == m.result.ist);
    FUZZ_CHECK(silent.fault_vector == m.result.fault_vector &&
               silent.fault_error_code == m.result.fault_error_code);
    FUZZ_CHECK(is_same_state(&silent.after, &m.result.after));
    FUZZ_CHECK(silent.frame_count == m.result.frame_count &&
               memcmp(silent.frame, m.result.frame, silent.frame_count * sizeof(uint64_t)) == 0);
}

static void check_result(void)
{
    const struct rs_model_result *result = &m.result;

    FUZZ_CHECK(result->outcome <= RS_MODEL_SHUTDOWN);
    FUZZ_CHECK(result->step_count <= RS_MODEL_STEPS_MAX);
    for (unsigned i = 0; i < result->step_count; i++)
        FUZZ_CHECK(result->steps[i].text != NULL);
    if (result->outcome == RS_MODEL_SHUTDOWN) {
        FUZZ_CHECK(is_same_state(&result->after, &m.state));
        return;
    }
    FUZZ_CHECK(result->after.cpl <= 3);
    if (result->gate_type == 0) {
        FUZZ_CHECK(result->outcome == RS_MODEL_DONE && result->frame_count == 0);
        return;
    }
    /* Through a gate: to 64-bit code not less privileged, on an aligned stack. */
    FUZZ_CHECK(result->frame_count == 5 || result->frame_count == 6);
    FUZZ_CHECK((result->frame_gva + 8u * result->frame_count) % 16 == 0);
    FUZZ_CHECK(result->after.gpr[RS_RSP] == result->frame_gva);
    FUZZ_CHECK(result->after.cs.l && !result->after.cs.db);
    FUZZ_CHECK((result->after.cs.selector & 3) == result->after.cpl);
    FUZZ_CHECK(result->after.cpl <= (m.state.cpl & 3));
    FUZZ_CHECK((result->after.rflags & (RFLAGS_TF | RFLAGS_NT | RFLAGS_RF | RFLAGS_VM)) == 0);
    FUZZ_CHECK(rs_is_canonical(result->after.rip, (m.state.cr4 & CR4_LA57) != 0));
    if (result->outcome == RS_MODEL_FAULT)
        FUZZ_CHECK(result->fault_vector == result->vector &&
                   result->fault_has_error_code == (result->frame_count == 6));
}

/* Decoding: an offset that is set is read back; an instruction is no longer than fifteen bytes. */
static void check_decoding(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, data + size};
    uint64_t raw[2] = {fuzz_take(&input, 8), fuzz_take(&input, 8)};
    uint64_t offset = fuzz_take(&input, 8);
    struct rs_gate before, after;
    struct rs_cause cause;

    rs_gate_decode(raw, &before);
    rs_gate_set_offset(raw, offset);
    rs_gate_decode(raw, &after);
    FUZZ_CHECK(after.offset == offset);
    FUZZ_CHECK(after.selector == before.selector && after.ist == before.ist);
    FUZZ_CHECK(after.type == before.type && after.dpl == before.dpl && after.p == before.p);
    if (rs_cause_from_instruction(data, size, true, &cause))
        FUZZ_CHECK(cause.length >= 1 && cause.length <= 15 && cause.length <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, data + size};
    struct rs_cause cause;
    unsigned mode;

    check_decoding(data, size);
    fake_machine_init(&m);
    mode = fuzz_below(&input, 3);
    if (mode == 1)
        fake_machine_enter_kernel(&m);
    if (mode == 2)
        fake_machine_enter_compatibility(&m);
    m.env.vendor = fuzz_below(&input, 2) ? RS_VENDOR_AMD : RS_VENDOR_INTEL;
    cause = take_cause(&input);
    while (input.next < input.end)
        patch(&input, &cause);
    fake_machine_run(&m, cause);
    check_result();
    check_without_steps(&cause);
    return 0;
}
