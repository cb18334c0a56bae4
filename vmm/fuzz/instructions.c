/* SPDX-License-Identifier: MIT
 * What the SDM says of the instructions that only matter by what they raise. */
#include "internal.h"

#include <string.h>

static struct rs_cause exception(uint8_t vector, uint32_t error_code)
{
    return (struct rs_cause){
        .kind = RS_CAUSE_EXCEPTION,
        .vector = vector,
        .has_error_code = rs_exception_has_error_code(vector),
        .error_code = error_code,
    };
}

/* Fetches a descriptor of GDT or LDT. Returns false with *cause. */
static bool descriptor(struct rs_model_env *env, const struct rs_cpu_state *state,
                       uint16_t selector, struct rs_segment *segment, struct rs_cause *cause)
{
    bool local = (selector & SELECTOR_TI) != 0;
    uint32_t offset = selector & SELECTOR_INDEX;
    uint64_t raw, base = local ? state->ldt_base : state->gdt.base;

    if (offset + 7 > (local ? state->ldt_limit : state->gdt.limit)) {
        *cause = exception(RS_VECTOR_GP, selector & 0xfffcu);
        return false;
    }
    if (env->read(env->context, base + offset, &raw, sizeof(raw)) != 0) {
        *cause = exception(RS_VECTOR_PF, 0);
        cause->cr2 = base + offset;
        return false;
    }
    rs_segment_decode(raw, selector, segment);
    return true;
}

/* SDM Vol. 2B, "MOV - Move", Operation and "64-Bit Mode Exceptions"; Vol. 3A, "Stack Switching". */
static bool load_ss(struct rs_model_env *env, const struct rs_cpu_state *state, uint16_t selector,
                    struct rs_segment *ss, struct rs_cause *cause)
{
    uint32_t error = selector & 0xfffcu;

    if (error == 0) {
        *cause = exception(RS_VECTOR_GP, 0);
        *ss = (struct rs_segment){.selector = selector, .dpl = state->cpl, .unusable = true};
        return state->cs.l && state->cpl != 3 && (selector & SELECTOR_RPL) == state->cpl;
    }
    if (!descriptor(env, state, selector, ss, cause))
        return false;
    *cause = exception(RS_VECTOR_GP, error);
    if ((selector & SELECTOR_RPL) != state->cpl || !ss->s || (ss->type & SEGMENT_TYPE_CODE) != 0 ||
        !(ss->type & SEGMENT_TYPE_WRITABLE) || ss->dpl != state->cpl)
        return false;
    *cause = exception(RS_VECTOR_SS, error);
    ss->type |= SEGMENT_TYPE_ACCESSED;
    return ss->p;
}

/* DS, ES, FS, GS. */
static bool load_data(struct rs_model_env *env, const struct rs_cpu_state *state, uint16_t selector,
                      struct rs_cause *cause)
{
    uint32_t error = selector & 0xfffcu;
    uint8_t rpl = selector & SELECTOR_RPL;
    struct rs_segment segment;
    bool code;

    if (error == 0)
        return true;
    if (!descriptor(env, state, selector, &segment, cause))
        return false;
    code = (segment.type & SEGMENT_TYPE_CODE) != 0;
    *cause = exception(RS_VECTOR_GP, error);
    if (!segment.s || (code && !(segment.type & SEGMENT_TYPE_READABLE)))
        return false;
    if (!(code && (segment.type & SEGMENT_TYPE_CONFORMING)) &&
        (rpl > segment.dpl || state->cpl > segment.dpl))
        return false;
    *cause = exception(RS_VECTOR_NP, error);
    return segment.p;
}

static bool load(struct rs_model_env *env, const struct rs_cpu_state *state, unsigned which,
                 struct rs_cause *cause, struct rs_segment *ss)
{
    uint16_t selector = (uint16_t)state->gpr[RS_RAX];

    switch (which) {
    case 0: /* ES, DS, FS, GS */
    case 3:
    case 4:
    case 5:
        return load_data(env, state, selector, cause);
    case 2:
        return load_ss(env, state, selector, ss, cause);
    default: /* CS cannot be loaded so; 6 and 7 are no segments */
        *cause = exception(RS_VECTOR_UD, 0);
        return false;
    }
}

/* MOV of 8 bytes at RCX, in 64-bit mode: to one page, and a page of data or none. */
static bool access_rcx(struct rs_model_env *env, const struct rs_cpu_state *state, bool write,
                       struct rs_cause *cause)
{
    uint64_t address = state->gpr[RS_RCX], value;

    if (!rs_is_canonical(address, false) || !rs_is_canonical(address + 7, false)) {
        *cause = exception(RS_VECTOR_GP, 0);
        return false;
    }
    if (env->read(env->context, address, &value, sizeof(value)) == 0)
        return true;
    *cause =
        exception(RS_VECTOR_PF, (write ? PF_ERROR_W : 0u) | (state->cpl == 3 ? PF_ERROR_U : 0u));
    cause->cr2 = address;
    return false;
}

size_t rs_fuzz_instruction(struct rs_model_env *env, const struct rs_cpu_state *state,
                           const uint8_t *code, struct rs_cause *cause, bool *completes,
                           struct rs_segment *ss)
{
    *ss = state->ss;
    *completes = false;
    if (memcmp(code, "\x0f\x0b", 2) == 0) {
        *cause = exception(RS_VECTOR_UD, 0);
        return 2;
    }
    if (code[0] == 0x90) {
        *completes = true;
        return 1;
    }
    if (code[0] == 0x8e && code[1] >= 0xc0 && (code[1] & 7) == 0) {
        *completes = load(env, state, code[1] >> 3 & 7, cause, ss);
        return 2;
    }
    if (!state->cs.l)
        return 0;
    if (memcmp(code, "\x49\xf7\xf7", 3) == 0) {
        *cause = exception(RS_VECTOR_DE, 0);
        return state->gpr[RS_R15] == 0 ? 3 : 0;
    }
    if (code[0] == 0x48 && (code[1] == 0x8b || code[1] == 0x89) && code[2] == 0x01) {
        /* One that succeeds changes what the fuzzer does not follow. */
        return access_rcx(env, state, code[1] == 0x89, cause) ? 0 : 3;
    }
    if (code[0] == 0x50) {
        *cause = exception(RS_VECTOR_SS, 0);
        return rs_is_canonical(state->gpr[RS_RSP] - 8, false) ? 0 : 1;
    }
    return 0;
}
