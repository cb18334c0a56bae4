/* SPDX-License-Identifier: MIT
 * Random cases: registers, the instruction and what it works on. */
#include "internal.h"

#include <string.h>

#define COMMON_RFLAGS (RFLAGS_ARITHMETIC | RFLAGS_DF | RFLAGS_AC | RFLAGS_ID)

static uint64_t pick_rflags(struct rs_random *random)
{
    uint64_t flags = RFLAGS_FIXED | (rs_random_next(random) & COMMON_RFLAGS);

    if (!rs_random_chance(random, 8))
        flags |= RFLAGS_IF;
    if (rs_random_chance(random, 4))
        flags |= rs_random_next(random) & RFLAGS_IOPL;
    if (rs_random_chance(random, 16))
        flags |= RFLAGS_NT;
    if (rs_random_chance(random, 16))
        flags |= RFLAGS_RF;
    if (rs_random_chance(random, 8))
        flags |= RFLAGS_TF;
    return flags;
}

static enum rs_from pick_from(struct rs_random *random, enum rs_fuzz_kind kind)
{
    unsigned compat = kind == RS_FUZZ_KIND_INTO ? 2 : 8;

    if (rs_random_chance(random, compat))
        return RS_FROM_COMPAT;
    if (rs_random_chance(random, 6))
        return rs_random_chance(random, 2) ? RS_FROM_RING1 : RS_FROM_RING2;
    if (kind == RS_FUZZ_KIND_SYSRET || kind == RS_FUZZ_KIND_IRET)
        return rs_random_chance(random, 8) ? RS_FROM_RING3 : RS_FROM_RING0;
    return rs_random_chance(random, 3) ? RS_FROM_RING0 : RS_FROM_RING3;
}

static void pick_segments(struct rs_random *random, struct rs_fuzz_case *one)
{
    static const struct {
        uint16_t cs, ss;
        uint8_t cpl;
    } usual[] = {
        [RS_FROM_RING3] = {KGDT64_R3_CODE | RPL_MASK, KGDT64_R3_DATA | RPL_MASK, 3},
        [RS_FROM_RING0] = {KGDT64_R0_CODE, KGDT64_R0_DATA, 0},
        [RS_FROM_COMPAT] = {KGDT64_R3_CMCODE | RPL_MASK, KGDT64_R3_DATA | RPL_MASK, 3},
        [RS_FROM_RING1] = {FUZZ_SEL_R1_CODE | 1, FUZZ_SEL_R1_DATA | 1, 1},
        [RS_FROM_RING2] = {FUZZ_SEL_R2_CODE | 2, FUZZ_SEL_R2_DATA | 2, 2},
    };
    struct rs_cpu_state *state = &one->before;
    uint16_t cs = usual[one->from].cs, ss = usual[one->from].ss;
    uint64_t raw;

    memcpy(&raw, one->memory + PROBE_GDT + (cs & SELECTOR_INDEX), sizeof(raw));
    rs_segment_decode(raw, cs, &state->cs);
    memcpy(&raw, one->memory + PROBE_GDT + (ss & SELECTOR_INDEX), sizeof(raw));
    rs_segment_decode(raw, ss, &state->ss);
    state->cpl = usual[one->from].cpl;
    if (state->cpl != 3 && rs_random_chance(random, 4))
        state->ss =
            (struct rs_segment){.selector = state->cpl, .dpl = state->cpl, .unusable = true};
}

static void pick_registers(struct rs_random *random, struct rs_fuzz_case *one)
{
    struct rs_cpu_state *state = &one->before;
    bool ring3 = one->from == RS_FROM_RING3 || one->from == RS_FROM_COMPAT;
    uint64_t stack = (ring3 ? PROBE_STACK3 : PROBE_STACK0) - 0x100;

    for (unsigned i = 0; i < RS_REGISTER_COUNT; i++)
        state->gpr[i] = rs_random_next(random);
    state->gpr[RS_R15] = 0;
    state->gpr[RS_R11] &= ~RFLAGS_TF; /* the manuals do not say when SYSRET's single step comes */
    state->gpr[RS_RSP] = rs_fuzz_stack(random, stack);
    state->rflags = pick_rflags(random);
    state->cr2 = rs_random_next(random) & UINT32_MAX;
    state->cr0 = CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG;
    state->cr3 = PROBE_PML4;
    state->cr4 = CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT;
    state->efer = EFER_LME | EFER_LMA | EFER_NXE | EFER_SCE;
    if (rs_random_chance(random, 16))
        state->efer &= ~EFER_SCE;
    if (one->from == RS_FROM_COMPAT) {
        state->gpr[RS_RSP] &= UINT32_MAX;
        for (unsigned i = 0; i < RS_REGISTER_COUNT; i++)
            state->gpr[i] &= UINT32_MAX;
    }
}

/* KVM refuses entry points that are not canonical. */
static uint64_t pick_entry(struct rs_random *random, uint64_t usual)
{
    uint64_t entry = rs_random_chance(random, 4) ? rs_fuzz_target(random) : usual;

    return rs_is_canonical(entry, false) ? entry : usual;
}

static void pick_msrs(struct rs_random *random, struct rs_cpu_state *state)
{
    state->star = PROBE_STAR;
    state->lstar = pick_entry(random, PROBE_LSTAR);
    state->cstar = pick_entry(random, PROBE_CSTAR);
    state->fmask = PROBE_FMASK;
    if (rs_random_chance(random, 4))
        state->star = rs_random_next(random);
    if (rs_random_chance(random, 4))
        state->fmask = rs_random_next(random) & 0x3f7fd7;
}

static const char *const divide = "\x49\xf7\xf7";    /* div r15, which is 0 */
static const char *const read_rcx = "\x48\x8b\x01";  /* mov rax, [rcx] */
static const char *const write_rcx = "\x48\x89\x01"; /* mov [rcx], rax */
static const char *const load_segment = "\x8e\xc0";  /* mov es, eax and others */

static void set_code(struct rs_fuzz_case *one, const char *code, uint8_t size)
{
    memcpy(one->code, code, size);
    one->code_size = size;
}

static void generate_exception(struct rs_random *random, struct rs_fuzz_case *one)
{
    bool mode64 = one->from != RS_FROM_COMPAT;

    switch (rs_random_below(random, mode64 ? 5 : 1)) {
    case 0:
        set_code(one, "\x0f\x0b", 2);
        one->vector = RS_VECTOR_UD;
        break;
    case 1:
        set_code(one, divide, 3);
        one->vector = RS_VECTOR_DE;
        break;
    case 2:
        set_code(one, rs_random_chance(random, 2) ? read_rcx : write_rcx, 3);
        one->before.gpr[RS_RCX] = FUZZ_EDGE + rs_random_below(random, PAGE_SIZE - 8);
        one->vector = RS_VECTOR_PF;
        break;
    case 3:
        set_code(one, rs_random_chance(random, 2) ? read_rcx : write_rcx, 3);
        one->before.gpr[RS_RCX] = PROBE_NON_CANONICAL | rs_random_next(random) >> 20;
        one->vector = RS_VECTOR_GP;
        break;
    default:
        set_code(one, "\x50", 1); /* push rax */
        one->before.gpr[RS_RSP] = PROBE_NON_CANONICAL | rs_random_next(random) >> 20;
        one->vector = RS_VECTOR_SS;
    }
}

static void generate_segment(struct rs_random *random, struct rs_fuzz_case *one)
{
    unsigned which = rs_random_below(random, 6); /* ES, CS, SS, DS, FS, GS */

    set_code(one, load_segment, 2);
    one->code[1] = (uint8_t)(0xc0 | which << 3);
    one->before.gpr[RS_RAX] &= ~UINT64_C(0xffff);
    one->before.gpr[RS_RAX] |= rs_fuzz_selector(random);
    one->vector = RS_VECTOR_GP;
}

/* What IRET pops: a slot is 4, 8 or 2 bytes. */
static void generate_frame(struct rs_random *random, struct rs_fuzz_case *one, unsigned slot)
{
    static const uint16_t sound[][2] = {
        {KGDT64_R3_CODE | RPL_MASK, KGDT64_R3_DATA | RPL_MASK},
        {KGDT64_R3_CODE | RPL_MASK, KGDT64_R3_DATA | RPL_MASK},
        {KGDT64_R3_CMCODE | RPL_MASK, KGDT64_R3_DATA | RPL_MASK},
        {FUZZ_SEL_R1_CODE | 1, FUZZ_SEL_R1_DATA | 1},
        {FUZZ_SEL_R2_CODE | 2, FUZZ_SEL_R2_DATA | 2},
    };
    uint64_t rsp = one->before.gpr[RS_RSP];
    uint64_t frame[5] = {
        rs_fuzz_target(random),   rs_fuzz_selector(random),
        pick_rflags(random),      rs_fuzz_stack(random, PROBE_STACK3 - 0x80),
        rs_fuzz_selector(random),
    };

    if (rs_random_chance(random, 2)) {
        const uint16_t *selectors =
            sound[rs_random_below(random, sizeof(sound) / sizeof(sound[0]))];

        frame[1] = selectors[0];
        frame[4] = selectors[1];
    }
    if (rs_random_chance(random, 4))
        frame[2] = rs_random_next(random);
    for (unsigned i = 0; i < 5; i++)
        for (unsigned byte = 0; byte < slot; byte++)
            if (rsp + i * slot + byte < PROBE_RAM_SIZE)
                one->memory[rsp + i * slot + byte] = (uint8_t)(frame[i] >> 8 * byte);
}

static void generate_iret(struct rs_random *random, struct rs_fuzz_case *one)
{
    bool mode64 = one->from != RS_FROM_COMPAT;

    /* All of it is there, or nothing: in which order it is read, and so which part of it faults
     * first, is the processor's own affair. */
    if (one->before.gpr[RS_RSP] - PROBE_STACK3 + PAGE_SIZE > 3 * PAGE_SIZE)
        one->before.gpr[RS_RSP] = FUZZ_EDGE + 0x800;
    switch (rs_random_below(random, 8)) {
    case 0:
        set_code(one, "\xcf", 1);
        generate_frame(random, one, 4);
        break;
    case 1:
        set_code(one, "\x66\xcf", 2);
        generate_frame(random, one, 2);
        break;
    default:
        set_code(one, mode64 ? "\x48\xcf" : "\xcf", mode64 ? 2 : 1);
        generate_frame(random, one, mode64 ? 8 : 4);
    }
    one->vector = RS_VECTOR_GP;
}

static void generate_sysret(struct rs_random *random, struct rs_fuzz_case *one)
{
    bool wide = one->from != RS_FROM_COMPAT && !rs_random_chance(random, 4);

    set_code(one, wide ? "\x48\x0f\x07" : "\x0f\x07", wide ? 3 : 2);
    one->before.gpr[RS_RCX] = rs_fuzz_target(random);
    one->before.gpr[RS_R11] = pick_rflags(random) & ~RFLAGS_TF;
    if (rs_random_chance(random, 4))
        one->before.gpr[RS_R11] = rs_random_next(random) & ~RFLAGS_TF;
    one->vector = RS_VECTOR_GP;
}

static void generate_event(struct rs_random *random, struct rs_fuzz_case *one)
{
    static const uint8_t vectors[] = {RS_VECTOR_DE, RS_VECTOR_UD, RS_VECTOR_NM, RS_VECTOR_TS,
                                      RS_VECTOR_NP, RS_VECTOR_SS, RS_VECTOR_GP, RS_VECTOR_AC};

    set_code(one, "\x90", 1);
    if (one->kind == RS_FUZZ_KIND_NMI) {
        one->event = RS_FUZZ_NMI;
        one->vector = RS_VECTOR_NMI;
    } else if (one->kind == RS_FUZZ_KIND_INTERRUPT) {
        one->event = RS_FUZZ_INTERRUPT;
        one->vector = (uint8_t)(32 + rs_random_below(random, 224));
        one->before.rflags |= RFLAGS_IF;
    } else {
        one->event = RS_FUZZ_INJECTED;
        one->vector = vectors[rs_random_below(random, sizeof(vectors))];
        one->has_error_code = rs_exception_has_error_code(one->vector);
        one->error_code = one->has_error_code ? rs_random_below(random, 0x10000) : 0;
        if (one->vector == RS_VECTOR_AC)
            one->error_code = 0;
        /* One on its way already: KVM has set RF for the fault when it comes from the guest. */
        one->before.rflags |= RFLAGS_RF;
    }
}

static void generate_code(struct rs_random *random, struct rs_fuzz_case *one)
{
    switch (one->kind) {
    case RS_FUZZ_KIND_INT_N:
        one->vector = (uint8_t)rs_random_next(random);
        set_code(one, (const char[]){'\xcd', (char)one->vector}, 2);
        break;
    case RS_FUZZ_KIND_INT3:
        one->vector = RS_VECTOR_BP;
        set_code(one, "\xcc", 1);
        break;
    case RS_FUZZ_KIND_INTO:
        one->vector = one->from == RS_FROM_COMPAT ? RS_VECTOR_OF : RS_VECTOR_UD;
        set_code(one, "\xce", 1);
        break;
    case RS_FUZZ_KIND_INT1:
        one->vector = RS_VECTOR_DB;
        set_code(one, "\xf1", 1);
        break;
    case RS_FUZZ_KIND_SYSCALL:
        one->vector = RS_VECTOR_UD;
        set_code(one, "\x0f\x05", 2);
        break;
    case RS_FUZZ_KIND_SYSRET:
        generate_sysret(random, one);
        break;
    case RS_FUZZ_KIND_IRET:
        generate_iret(random, one);
        break;
    case RS_FUZZ_KIND_EXCEPTION:
        generate_exception(random, one);
        break;
    case RS_FUZZ_KIND_SEGMENT:
        generate_segment(random, one);
        break;
    default:
        generate_event(random, one);
    }
}

/* What a handler or a return may find in the code page; UD2 behind each. */
static void generate_slots(struct rs_random *random, struct rs_fuzz_case *one)
{
    static const struct {
        const char *bytes;
        uint8_t size;
    } instructions[] = {
        {"\x48\xcf", 2}, {"\x48\x0f\x07", 3}, {"\x0f\x05", 2}, {"\xcc", 1},
        {"\xcd\x2e", 2}, {"\xf1", 1},         {"\xcf", 1},     {"\x8e\xd0", 2},
    };
    uint8_t slot[FUZZ_SLOT_SIZE];

    for (unsigned i = 0; i < FUZZ_SLOTS; i++) {
        unsigned which = rs_random_below(random, sizeof(instructions) / sizeof(instructions[0]));

        for (unsigned byte = 0; byte < sizeof(slot); byte += 2) {
            slot[byte] = 0x0f;
            slot[byte + 1] = 0x0b;
        }
        memcpy(slot, instructions[which].bytes, instructions[which].size);
        if (instructions[which].size & 1)
            slot[instructions[which].size] = 0xcc;
        rs_fuzz_put(one, FUZZ_SLOT(i), slot, sizeof(slot));
    }
}

void rs_fuzz_generate(uint64_t seed, uint64_t number, struct rs_fuzz_case *one)
{
    struct rs_random random = {rs_random_mix(seed) + number};

    random.state = rs_random_mix(random.state);
    memset(one, 0, sizeof(*one));
    one->seed = seed;
    one->number = number;
    one->kind = (enum rs_fuzz_kind)rs_random_below(&random, RS_FUZZ_KIND_COUNT);
    one->from = pick_from(&random, one->kind);
    pick_registers(&random, one);
    pick_msrs(&random, &one->before);
    generate_code(&random, one);
    rs_fuzz_generate_tables(&random, one, one->vector);
    pick_segments(&random, one);
    generate_slots(&random, one);
    one->before.rip = PROBE_CODE + PAGE_SIZE - one->code_size;
    rs_fuzz_put(one, one->before.rip, one->code, one->code_size);
}
