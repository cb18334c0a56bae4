/* SPDX-License-Identifier: MIT
 * SYSCALL and SYSRET: no table is read, nothing is pushed, the MSRs decide. */
#include "model/internal.h"

/*
 * SDM Vol. 2B, "SYSCALL - Fast System Call" and "SYSRET - Return From Fast System Call", Operation.
 * AMD APM Vol. 3, the same titles: also legal in compatibility mode (SYSCALL then enters at CSTAR),
 * RF is cleared, SYSRET does not check RCX and loads nothing of SS but its selector.
 */

/* RFLAGS that SYSRET loads: SDM, "RFLAGS := (R11 & 3C7FD7H) | 2". RF and VM are not among them. */
#define SYSRET_RFLAGS UINT64_C(0x3c7fd7)

static struct rs_segment flat_code(uint16_t selector, uint8_t dpl, bool mode64)
{
    return (struct rs_segment){
        .limit = UINT32_MAX,
        .selector = selector,
        .type = SEGMENT_TYPE_CODE | SEGMENT_TYPE_WRITABLE | SEGMENT_TYPE_ACCESSED,
        .s = true,
        .p = true,
        .l = mode64,
        .db = !mode64,
        .g = true,
        .dpl = dpl,
    };
}

static struct rs_segment flat_data(uint16_t selector, uint8_t dpl)
{
    return (struct rs_segment){
        .limit = UINT32_MAX,
        .selector = selector,
        .type = SEGMENT_TYPE_WRITABLE | SEGMENT_TYPE_ACCESSED,
        .s = true,
        .p = true,
        .db = true,
        .g = true,
        .dpl = dpl,
    };
}

static bool is_amd(const struct rs_model *model)
{
    return model->env->vendor == RS_VENDOR_AMD;
}

static bool check_legal(struct rs_model *model)
{
    const struct rs_cpu_state *state = model->state;

    if ((state->efer & EFER_SCE) == 0)
        return rs_model_raise(model, RS_VECTOR_UD, 0, "#UD: EFER.SCE is 0");
    if ((state->efer & EFER_LMA) == 0)
        return rs_model_raise(model, RS_VECTOR_UD, 0, "#UD: EFER.LMA is 0");
    if (!state->cs.l && !is_amd(model))
        return rs_model_raise(model, RS_VECTOR_UD, 0, "#UD: not in 64-bit mode (CS.L is 0)");
    return true;
}

static void enter_flags(struct rs_model *model)
{
    struct rs_cpu_state *state = model->state;

    if (is_amd(model))
        state->rflags &= ~RFLAGS_RF;
    state->gpr[RS_R11] = state->rflags;
    rs_model_step(model, "R11 <- RFLAGS", state->rflags);
    /* Bit 1 reads 1 whatever FMASK says: SDM Vol. 1, "EFLAGS Register". */
    state->rflags = (state->rflags & ~state->fmask) | RFLAGS_FIXED;
    rs_model_step(model, "RFLAGS <- RFLAGS AND NOT FMASK", state->rflags);
}

bool rs_model_syscall(struct rs_model *model, const struct rs_cause *cause)
{
    struct rs_cpu_state *state = model->state;
    uint16_t selector = (uint16_t)(state->star >> 32);
    bool mode64 = state->cs.l;

    if (!check_legal(model))
        return false;
    state->gpr[RS_RCX] = state->rip + cause->length;
    if (!mode64)
        state->gpr[RS_RCX] &= UINT32_MAX;
    rs_model_step(model, "RCX <- address of the next instruction", state->gpr[RS_RCX]);
    state->rip = mode64 ? state->lstar : state->cstar;
    rs_model_step(model, mode64 ? "RIP <- LSTAR" : "compatibility mode: RIP <- CSTAR", state->rip);
    enter_flags(model);
    state->cs = flat_code(selector & 0xfffc, 0, true);
    rs_model_step(model, "CS <- STAR[47:32] AND FFFCh, flat 64-bit code", state->cs.selector);
    state->ss = flat_data((uint16_t)(selector + 8), 0);
    rs_model_step(model, "SS <- STAR[47:32] + 8, flat data", state->ss.selector);
    state->cpl = 0;
    rs_model_step(model, "CPL <- 0; RSP stays", state->gpr[RS_RSP]);
    return true;
}

static void load_ss(struct rs_model *model, uint16_t selector)
{
    struct rs_cpu_state *state = model->state;

    if (is_amd(model)) {
        state->ss.selector = selector;
        rs_model_step(model, "SS <- STAR[63:48] + 8; its attributes stay", selector);
    } else {
        state->ss = flat_data(selector | SELECTOR_RPL, 3);
        rs_model_step(model, "SS <- (STAR[63:48] + 8) OR 3, flat data", state->ss.selector);
    }
}

static void load_cs(struct rs_model *model, uint16_t selector, bool wide)
{
    uint16_t base = (uint16_t)(wide ? selector + 16 : selector);

    model->state->cs = flat_code(base | SELECTOR_RPL, 3, wide);
    rs_model_step(model,
                  wide ? "CS <- (STAR[63:48] + 16) OR 3, flat 64-bit code"
                       : "CS <- STAR[63:48] OR 3, flat 32-bit code",
                  model->state->cs.selector);
}

bool rs_model_sysret(struct rs_model *model, const struct rs_cause *cause)
{
    struct rs_cpu_state *state = model->state;
    uint16_t selector = (uint16_t)(state->star >> 48);
    uint64_t target = state->gpr[RS_RCX];
    bool wide = cause->operand != 0;

    if (!check_legal(model))
        return false;
    if (state->cpl != 0)
        return rs_model_raise(model, RS_VECTOR_GP, 0, "#GP(0): CPL is not 0");
    if (wide && !is_amd(model) && !rs_model_canonical(model, target))
        return rs_model_raise(model, RS_VECTOR_GP, 0,
                              "#GP(0): RCX is not canonical; RSP is the user's already");
    state->rip = wide ? target : target & UINT32_MAX;
    rs_model_step(model, wide ? "RIP <- RCX" : "RIP <- ECX", state->rip);
    state->rflags = (state->gpr[RS_R11] & SYSRET_RFLAGS) | RFLAGS_FIXED;
    rs_model_step(model, "RFLAGS <- (R11 AND 3C7FD7h) OR 2", state->rflags);
    load_cs(model, selector, wide);
    load_ss(model, (uint16_t)(selector + 8));
    state->cpl = 3;
    rs_model_step(model, "CPL <- 3; RSP stays", state->gpr[RS_RSP]);
    return true;
}
