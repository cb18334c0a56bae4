/* SPDX-License-Identifier: MIT
 * What hosts do otherwise: INT n, INT3, INT1; RFLAGS in the frame. */
#include "deviations.h"

bool rs_deviate_int_n_is_ud(struct rs_fuzz_step *step)
{
    return CALL(RS_CAUSE_INT_N) && step->before.cpl == 3 && raise_instead(step, RS_VECTOR_UD);
}

bool rs_deviate_int_n_ring0_refused(struct rs_fuzz_step *step)
{
    return CALL(RS_CAUSE_INT_N) && step->before.cpl != 3 && refuse(step);
}

bool rs_deviate_int3_ring0_refused(struct rs_fuzz_step *step)
{
    return CALL(RS_CAUSE_INT3) && step->before.cpl != 3 && refuse(step);
}

bool rs_deviate_int1_ring0_refused(struct rs_fuzz_step *step)
{
    return CALL(RS_CAUSE_ICEBP) && step->before.cpl != 3 && refuse(step);
}

/* CD 03 and CD 04 are as CC and CE. */
bool rs_deviate_int3_without_dpl(struct rs_fuzz_step *step)
{
    bool int_3 =
        CALL(RS_CAUSE_INT3) || (CALL(RS_CAUSE_INT_N) && step->cause.vector == RS_VECTOR_BP);
    bool int_4 = CALL(RS_CAUSE_INT_N) && step->cause.vector == RS_VECTOR_OF;

    if ((!int_3 && !int_4) || step->before.cpl == 0)
        return false;
    step->before.rip += step->cause.length;
    clear(&step->before.rflags, RFLAGS_RF);
    return raise_instead(step, int_3 ? RS_VECTOR_BP : RS_VECTOR_OF);
}

/* The host interprets it: all but 64-bit code of ring 3 with a stack. */
static bool is_interpreted(const struct rs_fuzz_step *step)
{
    return !in_ring3(step) || !rs_is_canonical(step->before.gpr[RS_RSP], false);
}

static bool is_int(const struct rs_fuzz_step *step, uint8_t vector, bool interpreted)
{
    return CALL(RS_CAUSE_INT_N) && step->cause.vector == vector &&
           is_interpreted(step) == interpreted;
}

/* Vectors that are the host's own. One is CPUID in other words: it changes RAX, RBX, RCX, RDX. */
static bool own_cpuid(struct rs_fuzz_step *step, bool interpreted)
{
    if (!is_int(step, 0x1a, interpreted))
        return false;
    step->completes = step->no_step = true;
    step->unknown = 1u << RS_RAX | 1u << RS_RBX | 1u << RS_RCX | 1u << RS_RDX;
    return true;
}

bool rs_deviate_own_vector_1a(struct rs_fuzz_step *step)
{
    return own_cpuid(step, false);
}

bool rs_deviate_own_vector_1a_ring0(struct rs_fuzz_step *step)
{
    return own_cpuid(step, true);
}

/* One returns a number in RAX, to ring 0 alone. */
bool rs_deviate_own_vector_1b_ring0(struct rs_fuzz_step *step)
{
    if (!is_int(step, 0x1b, true))
        return false;
    if (step->before.cpl != 0)
        return raise_instead(step, step->before.cpl == 3 ? RS_VECTOR_GP : RS_VECTOR_UD);
    step->completes = step->no_step = true;
    step->unknown = 1u << RS_RAX;
    return true;
}

/* Others are refused, and may be past by then. */
static bool own_refused(struct rs_fuzz_step *step, bool past)
{
    if (past)
        step->before.rip += step->cause.length;
    return raise_instead(step, RS_VECTOR_GP);
}

bool rs_deviate_own_vector_17(struct rs_fuzz_step *step)
{
    return is_int(step, 0x17, false) && own_refused(step, true);
}

bool rs_deviate_own_vector_19(struct rs_fuzz_step *step)
{
    return is_int(step, 0x19, false) && own_refused(step, true);
}

bool rs_deviate_own_vector_17_ring0(struct rs_fuzz_step *step)
{
    return is_int(step, 0x17, true) && own_refused(step, false);
}

bool rs_deviate_own_vector_19_ring0(struct rs_fuzz_step *step)
{
    return is_int(step, 0x19, true) && own_refused(step, step->before.cpl != 3);
}

bool rs_deviate_int1_rip(struct rs_fuzz_step *step)
{
    if (!CALL(RS_CAUSE_ICEBP) || step->before.cpl == 0)
        return false;
    clear(&step->before.rflags, RFLAGS_RF);
    return raise_instead(step, RS_VECTOR_DB);
}

bool rs_deviate_int1_ring3_is_ud(struct rs_fuzz_step *step)
{
    return CALL(RS_CAUSE_ICEBP) && step->before.cpl != 0 && raise_instead(step, RS_VECTOR_UD);
}

bool rs_deviate_int1_ring0_is_ud(struct rs_fuzz_step *step)
{
    return CALL(RS_CAUSE_ICEBP) && step->before.cpl == 0 && raise_instead(step, RS_VECTOR_UD);
}

/* #UD is the host's own exception there, and gets it. */
static bool faults_without_rf(struct rs_fuzz_step *step)
{
    bool intercepted = step->result->vector == RS_VECTOR_UD &&
                       step->result->outcome == RS_MODEL_DONE && !step->is_event;

    if (intercepted || step->result->frame_count == 0)
        return false;
    /* INT n has taken its own away by then. */
    return is_interrupt_instruction(step) ? clear(frame_rflags(step), RFLAGS_RF) : as_before(step);
}

/* #UD is the host's own, which sets RF before it delivers it: what that comes upon finds it set. */
bool rs_deviate_own_ud_sets_rf(struct rs_fuzz_step *step)
{
    return !step->is_event && step->cause.kind == RS_CAUSE_EXCEPTION &&
           step->cause.vector == RS_VECTOR_UD && set(&step->before.rflags, RFLAGS_RF);
}

bool rs_deviate_ring3_faults_without_rf(struct rs_fuzz_step *step)
{
    return step->before.cpl == 3 && faults_without_rf(step);
}

bool rs_deviate_ring1_faults_without_rf(struct rs_fuzz_step *step)
{
    return step->before.cpl != 0 && step->before.cpl != 3 && faults_without_rf(step);
}

bool rs_deviate_ring0_faults_without_rf(struct rs_fuzz_step *step)
{
    return step->before.cpl == 0 && faults_without_rf(step);
}

bool rs_deviate_pf_without_rf(struct rs_fuzz_step *step)
{
    return step->result->vector == RS_VECTOR_PF && as_before(step);
}

bool rs_deviate_int_keeps_rf(struct rs_fuzz_step *step)
{
    return is_interrupt_instruction(step) && step->result->outcome == RS_MODEL_DONE &&
           as_before(step);
}
