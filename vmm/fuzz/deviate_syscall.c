/* SPDX-License-Identifier: MIT
 * What hosts do otherwise: SYSCALL and SYSRET. */
#include "deviations.h"

static bool syscall_done(const struct rs_fuzz_step *step)
{
    return CALL(RS_CAUSE_SYSCALL) && step->result->outcome == RS_MODEL_DONE;
}

/* What the last instruction has computed is lost, and DF with it. */
bool rs_deviate_syscall_loses_flags(struct rs_fuzz_step *step)
{
    return syscall_done(step) && clear(&step->result->after.rflags, RFLAGS_ARITHMETIC | RFLAGS_DF);
}

/* By the processor: with a stack, or behind an IRET that has loaded another one itself. */
static bool is_native(const struct rs_fuzz_step *step)
{
    return step->after_native || rs_is_canonical(step->before.gpr[RS_RSP], false);
}

bool rs_deviate_syscall_stays(struct rs_fuzz_step *step)
{
    if (!syscall_done(step) || step->before.cpl == 0 || !is_native(step))
        return false;
    step->result->after.cs = step->before.cs;
    step->result->after.ss = step->before.ss;
    step->result->after.cpl = step->before.cpl;
    return true;
}

/* TF is not looked at behind it. */
bool rs_deviate_syscall_without_step(struct rs_fuzz_step *step)
{
    bool steps = syscall_done(step) && (step->result->after.rflags & RFLAGS_TF) != 0;

    step->no_step |= steps;
    return steps;
}

/* From 32-bit code: to the low half of CSTAR. */
bool rs_deviate_syscall_cstar(struct rs_fuzz_step *step)
{
    return syscall_done(step) && !step->before.cs.l &&
           clear(&step->result->after.rip, ~(uint64_t)UINT32_MAX);
}

bool rs_deviate_syscall_aligns_ss(struct rs_fuzz_step *step)
{
    struct rs_segment *ss = &step->result->after.ss;

    if (!syscall_done(step) || !(ss->selector & SELECTOR_RPL))
        return false;
    ss->selector &= (uint16_t)~SELECTOR_RPL;
    return true;
}

bool rs_deviate_syscall_without_sce(struct rs_fuzz_step *step)
{
    return CALL(RS_CAUSE_SYSCALL) && step->before.cpl == 3 && set(&step->before.efer, EFER_SCE);
}

#define RESERVED_RFLAGS UINT64_C(0xffffffffffc08028)

/* It never has these flags, nor those that are reserved, unless it has loaded them itself. */
bool rs_deviate_ring3_without_flags(struct rs_fuzz_step *step)
{
    return in_ring3(step) && !step->stays && rs_is_canonical(step->before.gpr[RS_RSP], false) &&
           clear(&step->before.rflags, step->lost | RESERVED_RFLAGS);
}

bool rs_deviate_syscall_with_flags(struct rs_fuzz_step *step)
{
    return CALL(RS_CAUSE_SYSCALL) && step->before.cpl == 3 &&
           set(&step->before.rflags, step->extra);
}

/* Otherwise it interprets ring 3, and knows neither INT nor a fetch from where there is no memory.
 */
static bool is_unknown_to_interpreter(const struct rs_fuzz_step *step)
{
    return in_ring3(step) && !step->completes && (step->ends || is_interrupt_instruction(step));
}

bool rs_deviate_ring3_checks_rsp(struct rs_fuzz_step *step)
{
    return is_unknown_to_interpreter(step) && !rs_is_canonical(step->before.gpr[RS_RSP], false) &&
           raise_instead(step, RS_VECTOR_UD);
}

bool rs_deviate_ring3_checks_ss(struct rs_fuzz_step *step)
{
    return is_unknown_to_interpreter(step) &&
           step->before.ss.selector != (KGDT64_R3_DATA | RPL_MASK) &&
           raise_instead(step, RS_VECTOR_UD);
}

static bool sysret_done(const struct rs_fuzz_step *step)
{
    return CALL(RS_CAUSE_SYSRET) && step->result->outcome == RS_MODEL_DONE;
}

/* In rings 1 and 2 as in ring 0; what it raises is of its ring. */
bool rs_deviate_sysret_in_any_ring(struct rs_fuzz_step *step)
{
    if (step->raised && step->ring) {
        step->before.cpl = step->ring;
        return false;
    }
    if (!CALL(RS_CAUSE_SYSRET) || step->before.cpl == 0 || step->before.cpl == 3)
        return false;
    step->ring = step->before.cpl;
    step->before.cpl = 0;
    return true;
}

bool rs_deviate_sysret_flags(struct rs_fuzz_step *step)
{
    uint64_t *rflags = &step->result->after.rflags;
    bool lost, extra;

    if (!sysret_done(step))
        return false;
    lost = clear(rflags, step->lost);
    extra = set(rflags, step->before.gpr[RS_R11] & step->extra);
    return lost || extra;
}

/* What comes next finds RF as R11 had it. */
bool rs_deviate_sysret_rf(struct rs_fuzz_step *step)
{
    return sysret_done(step) &&
           set(&step->result->after.rflags, step->before.gpr[RS_R11] & RFLAGS_RF);
}

/* VM among them: what is executed then, as in virtual-8086 mode, nobody can say. */
bool rs_deviate_sysret_to_vm(struct rs_fuzz_step *step)
{
    step->wild |= step->code && step->before.cpl == 3 && step->before.rflags & RFLAGS_VM;
    return step->wild;
}

bool rs_deviate_sysret_rpl(struct rs_fuzz_step *step)
{
    struct rs_segment *ss = &step->result->after.ss;

    if (!sysret_done(step) || (ss->selector & SELECTOR_RPL) == SELECTOR_RPL)
        return false;
    ss->selector |= SELECTOR_RPL;
    return true;
}

bool rs_deviate_sysret_without_sce(struct rs_fuzz_step *step)
{
    return CALL(RS_CAUSE_SYSRET) && set(&step->before.efer, EFER_SCE);
}

/* To 64-bit code whatever its form. */
bool rs_deviate_sysretl_is_wide(struct rs_fuzz_step *step)
{
    struct rs_segment *cs = &step->result->after.cs;

    if (!sysret_done(step) || step->cause.operand != 0)
        return false;
    cs->selector = (uint16_t)((step->before.star >> 48) + 16) | SELECTOR_RPL;
    step->result->after.rip = step->before.gpr[RS_RCX];
    cs->l = true;
    cs->db = false;
    return true;
}
