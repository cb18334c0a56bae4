/* SPDX-License-Identifier: MIT
 * What hosts do otherwise: IRET, and single instructions. */
#include "deviations.h"

#include <string.h>

/* An address that is not canonical is where the next fetch faults. */
bool rs_deviate_iret_to_anywhere(struct rs_fuzz_step *step)
{
    step->relaxed_iret = CALL(RS_CAUSE_IRET) && step->cause.operand == 1;
    return step->relaxed_iret;
}

/* RFLAGS is made sound only when ring 3 is entered, which is not where there is nothing to
 * execute. */
bool rs_deviate_reserved_until_entered(struct rs_fuzz_step *step)
{
    struct rs_cpu_state *after = &step->result->after;
    uint64_t loaded = CALL(RS_CAUSE_IRET) ? step->popped_rflags : step->before.gpr[RS_R11];
    bool odd = !after->cs.l || !rs_is_canonical(after->gpr[RS_RSP], false) ||
               !rs_is_canonical(step->offset ? step->offset : after->rip, false);

    return (CALL(RS_CAUSE_IRET) || CALL(RS_CAUSE_SYSRET)) &&
           step->result->outcome == RS_MODEL_DONE && odd &&
           set(&after->rflags, loaded & step->extra);
}

bool rs_deviate_iret_flags(struct rs_fuzz_step *step)
{
    struct rs_cpu_state *after = &step->result->after;
    uint64_t old = after->rflags;

    if (!CALL(RS_CAUSE_IRET) || step->result->outcome != RS_MODEL_DONE)
        return false;
    after->rflags = (old & ~step->lost) | (step->before.rflags & step->lost);
    return after->rflags != old;
}

bool rs_deviate_iretd_is_gp(struct rs_fuzz_step *step)
{
    return CALL(RS_CAUSE_IRET) && step->before.cpl == 0 && step->cause.operand == 0 &&
           raise_instead(step, RS_VECTOR_GP);
}

bool rs_deviate_iretw_is_gp(struct rs_fuzz_step *step)
{
    return CALL(RS_CAUSE_IRET) && step->before.cpl == 0 && step->cause.operand == 2 &&
           raise_instead(step, RS_VECTOR_GP);
}

/* Which selectors IRET takes is not what the SDM says. */
bool rs_deviate_iret_takes_selectors(struct rs_fuzz_step *step)
{
    bool selector = step->cause.error_code != 0 || step->cause.vector == RS_VECTOR_NP ||
                    step->cause.vector == RS_VECTOR_GP;

    step->wild |= step->raised && step->of_iret && selector;
    return step->wild;
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

bool rs_deviate_null_ss(struct rs_fuzz_step *step)
{
    uint16_t selector = (uint16_t)step->before.gpr[RS_RAX];

    if (!step->code || step->before.cpl != 0 || (selector & ~SELECTOR_RPL) != 0 ||
        memcmp(step->code, "\x8e\xd0", 2) != 0)
        return false;
    step->wild = !step->completes;
    return step->wild;
}

bool rs_deviate_ss_is_gp(struct rs_fuzz_step *step)
{
    return step->code && step->cause.kind == RS_CAUSE_EXCEPTION &&
           step->cause.vector == RS_VECTOR_SS && step->code[0] == 0x50 &&
           raise_instead(step, RS_VECTOR_GP);
}

bool rs_deviate_no_32_bit_code(struct rs_fuzz_step *step)
{
    bool overflows = CALL(RS_CAUSE_INTO) && (step->before.rflags & RFLAGS_OF) != 0;

    return !step->before.cs.l &&
           (step->ends || overflows || CALL(RS_CAUSE_INT3) || CALL(RS_CAUSE_ICEBP)) &&
           raise_instead(step, RS_VECTOR_UD);
}

/* An access of ring 3 that RFLAGS.AC has checked although CR0.AM is 0. */
bool rs_deviate_alignment_checked(struct rs_fuzz_step *step)
{
    uint64_t address = step->before.gpr[RS_RCX];

    if (!step->code || step->before.cpl != 3 || !(step->before.rflags & RFLAGS_AC))
        return false;
    if (CALL(RS_CAUSE_IRET) || step->code[0] == 0x50)
        address = step->before.gpr[RS_RSP];
    else if (!(step->code[0] == 0x48 && (step->code[1] == 0x8b || step->code[1] == 0x89)))
        return false;
    return address % 8 != 0 && rs_is_canonical(address, false) && raise_instead(step, RS_VECTOR_AC);
}
