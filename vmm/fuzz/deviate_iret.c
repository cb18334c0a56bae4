/* SPDX-License-Identifier: MIT
 * What hosts do otherwise: IRET. */
#include "deviations.h"
#include "predict.h"

static bool iret_done(const struct rs_fuzz_step *step)
{
    return CALL(RS_CAUSE_IRET) && step->result->outcome == RS_MODEL_DONE;
}

/* In ring 3 it is the processor that executes it, with the host's own GDT. */
static bool is_native(const struct rs_fuzz_step *step)
{
    return CALL(RS_CAUSE_IRET) && in_ring3(step) &&
           rs_is_canonical(step->before.gpr[RS_RSP], false) &&
           step->popped.cs == (KGDT64_R3_CODE | RPL_MASK) &&
           step->popped.ss == (KGDT64_R3_DATA | RPL_MASK);
}

/* An address that is not canonical is where the next fetch faults. */
bool rs_deviate_iret_to_anywhere(struct rs_fuzz_step *step)
{
    if (CALL(RS_CAUSE_IRET) && step->cause.operand == 1)
        step->relaxed_iret = step->deviation;
    return false;
}

/* Ring 3 is entered only where there is something to execute, and that with a stack. */
static bool enters_ring3(const struct rs_fuzz_step *step)
{
    const struct rs_cpu_state *after = &step->result->after;

    return after->cpl == 3 && after->cs.l && rs_is_canonical(after->gpr[RS_RSP], false) &&
           rs_is_canonical(step->offset ? step->offset : after->rip, false);
}

/* Flags that are loaded as a claim has measured it: `mask` is what the SDM has loaded. */
static bool load_flags(struct rs_fuzz_step *step, uint64_t loaded, uint64_t mask)
{
    uint64_t *rflags = &step->result->after.rflags, old = *rflags;
    uint64_t kept = step->before.cpl == 3 ? RFLAGS_IF : 0;

    mask = ((mask & ~step->lost) | step->extra) & ~kept;
    *rflags = (loaded & mask) | (step->before.rflags & kept) | RFLAGS_FIXED;
    return *rflags != old;
}

#define SYSRET_LOADS UINT64_C(0x3c7fd7)
#define IRET_LOADS UINT64_C(0x3d7fd7) /* in ring 0 */

/* RFLAGS is made sound only when ring 3 is entered. */
bool rs_deviate_reserved_until_entered(struct rs_fuzz_step *step)
{
    return CALL(RS_CAUSE_SYSRET) && step->result->outcome == RS_MODEL_DONE && !enters_ring3(step) &&
           load_flags(step, step->before.gpr[RS_R11], SYSRET_LOADS);
}

/* Done by the host, IRET loads flags in ring 3 that are not for it. */
static bool load_virtual_flags(struct rs_fuzz_step *step)
{
    return iret_done(step) && step->before.cpl == 3 && !is_native(step) && enters_ring3(step) &&
           set(&step->result->after.rflags, step->popped.rflags & (RFLAGS_VIF | RFLAGS_VIP));
}

bool rs_deviate_iret_flags_ring0(struct rs_fuzz_step *step)
{
    if (load_virtual_flags(step))
        return true;
    return iret_done(step) && step->cause.operand == 1 && !enters_ring3(step) &&
           load_flags(step, step->popped.rflags, IRET_LOADS);
}

/* In rings 1 and 2 as in ring 0. */
bool rs_deviate_iret_flags_ring1(struct rs_fuzz_step *step)
{
    uint64_t *rflags = &step->result->after.rflags, old = *rflags;

    if (!iret_done(step) || step->before.cpl == 0 || step->before.cpl == 3)
        return false;
    *rflags = (old & ~IRET_LOADS) | (step->popped.rflags & IRET_LOADS) | RFLAGS_FIXED;
    return *rflags != old;
}

bool rs_deviate_iret_flags(struct rs_fuzz_step *step)
{
    struct rs_cpu_state *after = &step->result->after;
    uint64_t old = after->rflags;

    if (!iret_done(step))
        return false;
    after->rflags = (old & ~step->lost) | (step->before.rflags & step->lost);
    return after->rflags != old;
}

/* To 32-bit code, too, RIP and RSP are loaded whole. */
static bool to_32_bit_code(const struct rs_fuzz_step *step)
{
    return iret_done(step) && step->cause.operand == 1 && !step->result->after.cs.l;
}

bool rs_deviate_iret_rip_is_wide(struct rs_fuzz_step *step)
{
    if (!to_32_bit_code(step) || step->popped.rip <= UINT32_MAX)
        return false;
    step->result->after.rip = step->popped.rip;
    step->fetches_eip = true;
    return true;
}

/* Where there is no memory the host fetches by itself, with all of RIP: past the limit. The fault
 * is its own, and RF with it. */
bool rs_deviate_wide_fetch_is_gp(struct rs_fuzz_step *step)
{
    if (!step->ends || step->before.cs.l || step->before.rip <= UINT32_MAX)
        return false;
    set(&step->before.rflags, RFLAGS_RF);
    return raise_instead(step, RS_VECTOR_GP);
}

bool rs_deviate_iret_is_wide(struct rs_fuzz_step *step)
{
    struct rs_cpu_state *after = &step->result->after;
    uint64_t rip = after->rip, rsp = after->gpr[RS_RSP];

    if (!to_32_bit_code(step))
        return false;
    after->rip = step->popped.rip;
    after->gpr[RS_RSP] = step->popped.rsp;
    return after->rip != rip || after->gpr[RS_RSP] != rsp;
}

/* From no address. */
static bool is_from_nowhere(const struct rs_fuzz_step *step)
{
    return step->raised && step->of_iret && step->cause.vector == RS_VECTOR_SS &&
           step->cause.error_code == 0 && !rs_is_canonical(step->before.gpr[RS_RSP], false);
}

bool rs_deviate_iret_ss_is_np(struct rs_fuzz_step *step)
{
    if (!step->raised || !step->of_iret || step->cause.vector != RS_VECTOR_SS ||
        step->cause.error_code == 0)
        return false;
    step->cause.vector = RS_VECTOR_NP;
    return true;
}

bool rs_deviate_iret_ss_is_gp(struct rs_fuzz_step *step)
{
    return step->before.cpl == 3 && is_from_nowhere(step) && raise_instead(step, RS_VECTOR_GP);
}

static bool is_pf(struct rs_fuzz_step *step)
{
    raise_instead(step, RS_VECTOR_PF);
    step->cause.error_code = step->before.cpl == 3 ? PF_ERROR_U : 0u;
    step->cause.cr2 = step->before.gpr[RS_RSP];
    return true;
}

bool rs_deviate_iret_ss_is_pf(struct rs_fuzz_step *step)
{
    return step->before.cpl == 3 && is_from_nowhere(step) && is_pf(step);
}

bool rs_deviate_iret_ss_is_pf_below(struct rs_fuzz_step *step)
{
    return step->before.cpl != 3 && is_from_nowhere(step) && is_pf(step);
}

bool rs_deviate_iret_ss_is_gp_below(struct rs_fuzz_step *step)
{
    return step->before.cpl != 3 && is_from_nowhere(step) && raise_instead(step, RS_VECTOR_GP);
}

/* VM in the image leads to virtual-8086 mode, which is not there in IA-32e mode: where its segments
 * point nobody can say. */
bool rs_deviate_iret_to_vm(struct rs_fuzz_step *step)
{
    step->wild |=
        CALL(RS_CAUSE_IRET) && step->cause.operand == 0 && (step->popped.rflags & RFLAGS_VM) != 0;
    return step->wild;
}

bool rs_deviate_iretd_is_gp(struct rs_fuzz_step *step)
{
    return CALL(RS_CAUSE_IRET) && step->before.cpl != 3 && step->cause.operand == 0 &&
           raise_instead(step, RS_VECTOR_GP);
}

bool rs_deviate_iretw_is_gp(struct rs_fuzz_step *step)
{
    return CALL(RS_CAUSE_IRET) && step->before.cpl != 3 && step->cause.operand == 2 &&
           raise_instead(step, RS_VECTOR_GP);
}

/* A null SS must have the old CPL for its RPL, which shows for the new one; it is asked when CS has
 * been looked up. */
static bool has_odd_null_ss(const struct rs_fuzz_step *step)
{
    const struct rs_fuzz_popped *popped = &step->popped;

    return (popped->ss & ~SELECTOR_RPL) == 0 && popped->ss != step->before.cpl &&
           (popped->cs & ~SELECTOR_RPL) != 0 && !(popped->cs & SELECTOR_TI) &&
           (popped->cs & SELECTOR_INDEX) + 7u <= step->before.gdt.limit &&
           (popped->cs & SELECTOR_RPL) >= step->before.cpl && !(step->before.rflags & RFLAGS_NT);
}

/* IRET asks of a segment whether it is present, then its RPL and DPL, and never what it is. */
bool rs_deviate_iret_takes_selectors(struct rs_fuzz_step *step)
{
    uint32_t error = step->popped.ss & ~(uint32_t)SELECTOR_RPL;

    if (CALL(RS_CAUSE_IRET) && step->cause.operand == 1 && has_odd_null_ss(step))
        return raise_instead(step, RS_VECTOR_GP);
    if (CALL(RS_CAUSE_IRET))
        step->relaxed_selectors = step->relaxed_null = step->deviation;
    if (!step->raised || !step->of_iret || !step->absent_ss || step->cause.vector != RS_VECTOR_GP ||
        step->cause.error_code != error)
        return false;
    step->cause.vector = RS_VECTOR_SS;
    return true;
}

bool rs_deviate_iret_selectors_taken(struct rs_fuzz_step *step)
{
    struct rs_segment *cs = &step->result->after.cs;

    if (!iret_done(step) || !step->relaxed_selectors)
        return false;
    rs_segment_decode(step->descriptor, cs->selector, cs);
    cs->type |= SEGMENT_TYPE_ACCESSED;
    step->shows_ss = (step->popped.ss & ~SELECTOR_RPL) == 0;
    return rs_deviate_iret_null_ss_taken(step);
}

/* It pops from as much of RSP as SS.B says, and what it raises is told of RSP. */
bool rs_deviate_iretd_pops_esp(struct rs_fuzz_step *step)
{
    uint64_t *rsp = &step->before.gpr[RS_RSP];
    uint64_t mask = step->before.ss.db ? UINT32_MAX : UINT16_MAX;

    if (step->raised && step->rsp) {
        *rsp = step->rsp;
        return true;
    }
    if (!CALL(RS_CAUSE_IRET) || !step->before.cs.l || step->cause.operand == 1 || *rsp <= mask)
        return false;
    step->rsp = *rsp;
    *rsp &= mask;
    return true;
}

/* Nor behind an IRET that the host does. */
bool rs_deviate_iret_without_step(struct rs_fuzz_step *step)
{
    bool steps = iret_done(step) && !step->native && (step->before.rflags & RFLAGS_TF) != 0;

    step->no_step |= steps;
    return steps;
}

/* A return that was executed with RF = 1 has RF = 0 in the end, whatever it loads. */
bool rs_deviate_return_clears_rf(struct rs_fuzz_step *step)
{
    return (CALL(RS_CAUSE_IRET) || CALL(RS_CAUSE_SYSRET)) &&
           step->result->outcome == RS_MODEL_DONE && step->before.rflags & RFLAGS_RF &&
           clear(&step->result->after.rflags, RFLAGS_RF);
}

/* Of CS it is not asked whether L and D are both set. */
bool rs_deviate_iret_to_wide(struct rs_fuzz_step *step)
{
    if (CALL(RS_CAUSE_IRET))
        step->relaxed_wide = step->deviation;
    return false;
}

/* Nor of EIP whether it is past the limit. */
bool rs_deviate_iret_past_limit(struct rs_fuzz_step *step)
{
    if (CALL(RS_CAUSE_IRET))
        step->relaxed_limit = step->deviation;
    return false;
}

/* Nor is a fetch asked: predict.c. Where there is no memory the host fetches by itself, and asks:
 * the fault is its own, and RF with it. */
bool rs_deviate_fetch_past_limit(struct rs_fuzz_step *step)
{
    bool fetch = !step->code && !step->is_event && !step->before.cs.l && step->before.cs.p;

    if (fetch && step->cause.vector == RS_VECTOR_GP &&
        rs_fuzz_page_of(step->before.rip) == RS_PAGE_WITHOUT_MEMORY)
        return set(&step->before.rflags, RFLAGS_RF);
    return rs_deviate_iret_past_limit(step);
}

/* Of a null SS the RPL is not asked for, */
bool rs_deviate_iret_null_ss(struct rs_fuzz_step *step)
{
    if (CALL(RS_CAUSE_IRET) && step->before.cs.l)
        step->relaxed_null = step->deviation;
    return false;
}

bool rs_deviate_iret_null_ss_taken(struct rs_fuzz_step *step)
{
    if (iret_done(step) && step->relaxed_null)
        step->result->after.ss.selector = step->popped.ss;
    return false;
}

/* nor whether the code that it is for is 64-bit code. */
bool rs_deviate_iret_null_ss_of_32(struct rs_fuzz_step *step)
{
    if (CALL(RS_CAUSE_IRET) && step->before.cs.l)
        step->relaxed_null_32 = step->deviation;
    return false;
}

/* What was relaxed about CS is as it was. */
bool rs_deviate_iret_popped_taken(struct rs_fuzz_step *step)
{
    struct rs_cpu_state *after = &step->result->after;

    if (!iret_done(step) || !step->restores_cs)
        return false;
    rs_segment_decode(step->descriptor, after->cs.selector, &after->cs);
    after->cs.type |= SEGMENT_TYPE_ACCESSED;
    if (!after->cs.l) {
        after->rip &= UINT32_MAX;
        after->gpr[RS_RSP] &= UINT32_MAX;
    }
    return false;
}

bool rs_deviate_iret_without_ldt(struct rs_fuzz_step *step)
{
    if (!CALL(RS_CAUSE_IRET) || !((step->popped.cs | step->popped.ss) & SELECTOR_TI))
        return false;
    step->before.ldt_base = step->before.ldt_limit = 0;
    return true;
}

bool rs_deviate_own_code(struct rs_fuzz_step *step)
{
    bool outside = step->before.gdt.limit < KGDT64_R3_CODE + 7;

    step->native = is_native(step);
    if (step->native)
        step->before.gdt.limit = UINT16_MAX;
    return step->native && outside;
}

/* The host does not see it, and has the guest in the segment that it was in. */
bool rs_deviate_own_code_stays(struct rs_fuzz_step *step)
{
    struct rs_cpu_state *after = &step->result->after;

    if (!step->native || !iret_done(step) || after->cs.selector == step->before.cs.selector)
        return false;
    after->cs = step->before.cs;
    return true;
}

/* What fails there is IRETQ, done by the host, or #GP(0); but #PF, which the host only passes on.
 */
bool rs_deviate_ring3_iretd(struct rs_fuzz_step *step)
{
    uint64_t rsp = step->before.gpr[RS_RSP];

    if (!CALL(RS_CAUSE_IRET) || !in_ring3(step) || step->cause.operand == 1 || is_native(step) ||
        (rs_is_canonical(rsp, false) && rs_fuzz_page_of(rsp) == RS_PAGE_UNMAPPED))
        return false;
    return raise_instead(step, RS_VECTOR_GP);
}

bool rs_deviate_iret_pf_of_ring0(struct rs_fuzz_step *step)
{
    if (!step->raised || !step->of_iret || step->cause.vector != RS_VECTOR_PF)
        return false;
    step->cause.error_code = 0;
    return true;
}

bool rs_deviate_compatibility_iret(struct rs_fuzz_step *step)
{
    return CALL(RS_CAUSE_IRET) && !step->before.cs.l && raise_instead(step, RS_VECTOR_GP);
}
