/* SPDX-License-Identifier: MIT
 * What hosts do otherwise: single instructions that are no transitions, and fetches. */
#include "deviations.h"

#include <string.h>

/* In ring 3 the processor loads DS, ES, FS and GS from the host's GDT before the host is asked; and
 * SS, with what it has already. */
bool rs_deviate_own_selectors(struct rs_fuzz_step *step)
{
    uint16_t index = (uint16_t)step->before.gpr[RS_RAX] & (SELECTOR_INDEX | SELECTOR_TI);
    uint8_t which = step->code ? step->code[1] >> 3 & 7 : 0;
    bool own = index == KGDT64_R3_DATA || index == KGDT64_R3_CODE || index == FUZZ_OWN_SELECTOR;

    if (!in_ring3(step) || step->completes || !step->code || step->code[0] != 0x8e || !own ||
        which == 1 ||
        (which == 2 && (uint16_t)step->before.gpr[RS_RAX] != (KGDT64_R3_DATA | RPL_MASK)))
        return false;
    step->completes = true;
    step->cause = (struct rs_cause){.length = 2};
    return true;
}

/* A host that does not ask a null SS for its RPL has rings 1 and 2 at the CPL that it takes for
 * SS's DPL. */
bool rs_deviate_null_ss(struct rs_fuzz_step *step)
{
    uint16_t selector = (uint16_t)step->before.gpr[RS_RAX];

    if (!step->code || step->before.cpl == 3 || (selector & ~SELECTOR_RPL) != 0 ||
        memcmp(step->code, "\x8e\xd0", 2) != 0)
        return false;
    step->wild = !step->completes || step->before.cpl != 0;
    return step->wild;
}

bool rs_deviate_ss_is_gp(struct rs_fuzz_step *step)
{
    return step->code && step->cause.kind == RS_CAUSE_EXCEPTION &&
           step->cause.vector == RS_VECTOR_SS && step->code[0] == 0x50 &&
           raise_instead(step, RS_VECTOR_GP);
}

/* Interpreted, it is stepped as any instruction is. */
bool rs_deviate_mov_ss_steps(struct rs_fuzz_step *step)
{
    bool loads_ss = step->code && memcmp(step->code, "\x8e\xd0", 2) == 0;

    bool native =
        in_ring3(step) && (uint16_t)step->before.gpr[RS_RAX] == (KGDT64_R3_DATA | RPL_MASK);

    step->steps_at_once = step->completes && loads_ss && !native;
    return step->steps_at_once && (step->before.rflags & RFLAGS_TF) != 0;
}

/* What the host has there of its own shows. */
bool rs_deviate_upper_half(struct rs_fuzz_step *step)
{
    if (step->is_event || step->before.cpl != 3 || step->cause.kind != RS_CAUSE_EXCEPTION ||
        step->cause.vector != RS_VECTOR_PF || (step->cause.cr2 & ~(PAGE_SIZE - 1)) != PROBE_UPPER)
        return false;
    step->cause.error_code =
        (step->cause.error_code & ~(uint32_t)step->lost) | (uint32_t)step->extra;
    return true;
}

bool rs_deviate_no_32_bit_code(struct rs_fuzz_step *step)
{
    bool overflows = CALL(RS_CAUSE_INTO) && (step->before.rflags & RFLAGS_OF) != 0;

    return !step->before.cs.l && step->before.cpl == 3 &&
           (step->ends || overflows || CALL(RS_CAUSE_INT3) || CALL(RS_CAUSE_ICEBP)) &&
           raise_instead(step, RS_VECTOR_UD);
}

/* An access of ring 3 that RFLAGS.AC has checked although CR0.AM is 0. */
bool rs_deviate_alignment_checked(struct rs_fuzz_step *step)
{
    static const uint8_t sizes[] = {4, 8, 2};
    uint64_t address = step->before.gpr[RS_RCX], size = 8;

    if (!step->code || step->before.cpl != 3 || !(step->before.rflags & RFLAGS_AC))
        return false;
    if (CALL(RS_CAUSE_IRET))
        size = sizes[step->cause.operand];
    if (CALL(RS_CAUSE_IRET) || step->code[0] == 0x50)
        address = step->before.gpr[RS_RSP];
    else if (!(step->code[0] == 0x48 && (step->code[1] == 0x8b || step->code[1] == 0x89)))
        return false;
    return address % size != 0 && rs_is_canonical(address, false) &&
           raise_instead(step, RS_VECTOR_AC);
}
