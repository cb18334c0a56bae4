/* SPDX-License-Identifier: MIT
 * What deviations are made of. */
#ifndef RINGSCOPE_FUZZ_DEVIATIONS_H
#define RINGSCOPE_FUZZ_DEVIATIONS_H

#include "internal.h"

/* The step is this instruction. */
static inline bool rs_is_instruction(const struct rs_fuzz_step *step, enum rs_cause_kind kind)
{
    return step->code && step->cause.kind == kind;
}

#define CALL(kind_) rs_is_instruction(step, kind_)

static inline bool is_interrupt_instruction(const struct rs_fuzz_step *step)
{
    return CALL(RS_CAUSE_INT_N) || CALL(RS_CAUSE_INT3) || CALL(RS_CAUSE_INTO) ||
           CALL(RS_CAUSE_ICEBP);
}

/* The step goes through a gate: an event, an exception or INT n. */
static inline bool rs_is_delivery(const struct rs_fuzz_step *step)
{
    return step->is_event || step->cause.kind == RS_CAUSE_EXCEPTION ||
           is_interrupt_instruction(step);
}

/* In place of what the SDM has: an exception, at the instruction. */
static inline bool raise_instead(struct rs_fuzz_step *step, uint8_t vector)
{
    step->cause = (struct rs_cause){
        .kind = RS_CAUSE_EXCEPTION,
        .vector = vector,
        .has_error_code = rs_exception_has_error_code(vector),
    };
    step->completes = step->ends = false;
    return true;
}

static inline bool refuse(struct rs_fuzz_step *step)
{
    step->refused = true;
    return true;
}

static inline bool clear(uint64_t *value, uint64_t bits)
{
    bool any = (*value & bits) != 0;

    *value &= ~bits;
    return any;
}

static inline bool set(uint64_t *value, uint64_t bits)
{
    bool any = (~*value & bits) != 0;

    *value |= bits;
    return any;
}

/* Ring 3 is really executed; an address that is not canonical, or an event, comes before that. */
static inline bool in_ring3(const struct rs_fuzz_step *step)
{
    return step->before.cpl == 3 && step->before.cs.l && !step->is_event &&
           rs_is_canonical(step->before.rip, false);
}

static inline uint64_t *frame_rflags(struct rs_fuzz_step *step)
{
    unsigned count = step->result->frame_count;

    return count > 0 ? &step->result->frame[count - 3] : NULL;
}

/* RF in the frame as it was. */
static inline bool as_before(struct rs_fuzz_step *step)
{
    uint64_t *rflags = frame_rflags(step), old = rflags ? *rflags : 0;

    if (!rflags)
        return false;
    *rflags = (old & ~RFLAGS_RF) | (step->before.rflags & RFLAGS_RF);
    return *rflags != old;
}

/* Each returns whether it changed anything; the table tells which claim it belongs to. */
bool rs_deviate_syscall_loses_flags(struct rs_fuzz_step *step);
bool rs_deviate_syscall_cstar(struct rs_fuzz_step *step);
bool rs_deviate_mov_ss_steps(struct rs_fuzz_step *step);
bool rs_deviate_syscall_without_step(struct rs_fuzz_step *step);
bool rs_deviate_iret_without_step(struct rs_fuzz_step *step);
bool rs_deviate_syscall_stays(struct rs_fuzz_step *step);
bool rs_deviate_syscall_aligns_ss(struct rs_fuzz_step *step);
bool rs_deviate_syscall_without_sce(struct rs_fuzz_step *step);
bool rs_deviate_ring3_without_flags(struct rs_fuzz_step *step);
bool rs_deviate_syscall_with_flags(struct rs_fuzz_step *step);
bool rs_deviate_sysret_flags(struct rs_fuzz_step *step);
bool rs_deviate_reserved_until_entered(struct rs_fuzz_step *step);
bool rs_deviate_sysret_to_vm(struct rs_fuzz_step *step);
bool rs_deviate_iret_ss_is_pf(struct rs_fuzz_step *step);
bool rs_deviate_iret_ss_is_pf_below(struct rs_fuzz_step *step);
bool rs_deviate_iret_ss_is_gp_below(struct rs_fuzz_step *step);
bool rs_deviate_iret_ss_is_np(struct rs_fuzz_step *step);
bool rs_deviate_iret_ss_is_gp(struct rs_fuzz_step *step);
bool rs_deviate_iret_to_vm(struct rs_fuzz_step *step);
bool rs_deviate_exception_is_injected(struct rs_fuzz_step *step);
bool rs_deviate_sysret_in_any_ring(struct rs_fuzz_step *step);
bool rs_deviate_iret_flags_ring1(struct rs_fuzz_step *step);
bool rs_deviate_sysret_rf(struct rs_fuzz_step *step);
bool rs_deviate_sysret_rpl(struct rs_fuzz_step *step);
bool rs_deviate_sysret_without_sce(struct rs_fuzz_step *step);
bool rs_deviate_sysretl_is_wide(struct rs_fuzz_step *step);
bool rs_deviate_no_32_bit_code(struct rs_fuzz_step *step);
bool rs_deviate_own_vector_1a(struct rs_fuzz_step *step);
bool rs_deviate_own_vector_17(struct rs_fuzz_step *step);
bool rs_deviate_own_vector_1a_ring0(struct rs_fuzz_step *step);
bool rs_deviate_own_vector_17_ring0(struct rs_fuzz_step *step);
bool rs_deviate_own_vector_19_ring0(struct rs_fuzz_step *step);
bool rs_deviate_own_vector_1b_ring0(struct rs_fuzz_step *step);
bool rs_deviate_gate_without_ldt(struct rs_fuzz_step *step);
bool rs_deviate_iret_without_ldt(struct rs_fuzz_step *step);
bool rs_deviate_own_selectors(struct rs_fuzz_step *step);
bool rs_deviate_own_code(struct rs_fuzz_step *step);
bool rs_deviate_own_code_stays(struct rs_fuzz_step *step);
bool rs_deviate_ring3_iretd(struct rs_fuzz_step *step);
bool rs_deviate_own_vector_19(struct rs_fuzz_step *step);
bool rs_deviate_int3_without_dpl(struct rs_fuzz_step *step);
bool rs_deviate_int_n_is_ud(struct rs_fuzz_step *step);
bool rs_deviate_int_n_ring0_refused(struct rs_fuzz_step *step);
bool rs_deviate_int3_ring0_refused(struct rs_fuzz_step *step);
bool rs_deviate_int1_ring0_refused(struct rs_fuzz_step *step);
bool rs_deviate_int1_rip(struct rs_fuzz_step *step);
bool rs_deviate_int1_ring3_is_ud(struct rs_fuzz_step *step);
bool rs_deviate_int1_ring0_is_ud(struct rs_fuzz_step *step);
bool rs_deviate_ring3_checks_rsp(struct rs_fuzz_step *step);
bool rs_deviate_ring3_checks_ss(struct rs_fuzz_step *step);
bool rs_deviate_alignment_checked(struct rs_fuzz_step *step);
bool rs_deviate_null_ss(struct rs_fuzz_step *step);
bool rs_deviate_iret_pf_of_ring0(struct rs_fuzz_step *step);
bool rs_deviate_compatibility_iret(struct rs_fuzz_step *step);
bool rs_deviate_iret_takes_selectors(struct rs_fuzz_step *step);
bool rs_deviate_wide_fetch_is_gp(struct rs_fuzz_step *step);
bool rs_deviate_return_clears_rf(struct rs_fuzz_step *step);
bool rs_deviate_iretd_pops_esp(struct rs_fuzz_step *step);
bool rs_deviate_iret_to_wide(struct rs_fuzz_step *step);
bool rs_deviate_fetch_past_limit(struct rs_fuzz_step *step);
bool rs_deviate_iret_past_limit(struct rs_fuzz_step *step);
bool rs_deviate_iret_null_ss(struct rs_fuzz_step *step);
bool rs_deviate_iret_null_ss_taken(struct rs_fuzz_step *step);
bool rs_deviate_iret_null_ss_of_32(struct rs_fuzz_step *step);
bool rs_deviate_iret_popped_taken(struct rs_fuzz_step *step);
bool rs_deviate_ss_is_gp(struct rs_fuzz_step *step);
bool rs_deviate_any_gate(struct rs_fuzz_step *step);
bool rs_deviate_any_code(struct rs_fuzz_step *step);
bool rs_deviate_any_code_entered(struct rs_fuzz_step *step);
bool rs_deviate_rpl(struct rs_fuzz_step *step);
bool rs_deviate_rpl_entered(struct rs_fuzz_step *step);
bool rs_deviate_rsp0_only(struct rs_fuzz_step *step);
bool rs_deviate_null_ss_entered(struct rs_fuzz_step *step);
bool rs_deviate_stack_edge(struct rs_fuzz_step *step);
bool rs_deviate_same_stack(struct rs_fuzz_step *step);
bool rs_deviate_stack_below(struct rs_fuzz_step *step);
bool rs_deviate_event_stack_edge(struct rs_fuzz_step *step);
bool rs_deviate_iret_flags_ring0(struct rs_fuzz_step *step);
bool rs_deviate_iret_selectors_taken(struct rs_fuzz_step *step);
bool rs_deviate_iret_is_wide(struct rs_fuzz_step *step);
bool rs_deviate_iret_rip_is_wide(struct rs_fuzz_step *step);
bool rs_deviate_upper_half(struct rs_fuzz_step *step);
bool rs_deviate_any_tss(struct rs_fuzz_step *step);
bool rs_deviate_any_offset(struct rs_fuzz_step *step);
bool rs_deviate_nested_is_df(struct rs_fuzz_step *step);
bool rs_deviate_injected_is_benign(struct rs_fuzz_step *step);
bool rs_deviate_gate_error(struct rs_fuzz_step *step);
bool rs_deviate_error_without_ext(struct rs_fuzz_step *step);
bool rs_deviate_faulting_int_rip(struct rs_fuzz_step *step);
bool rs_deviate_iret_flags(struct rs_fuzz_step *step);
bool rs_deviate_iret_to_anywhere(struct rs_fuzz_step *step);
bool rs_deviate_iretd_is_gp(struct rs_fuzz_step *step);
bool rs_deviate_iretw_is_gp(struct rs_fuzz_step *step);
bool rs_deviate_event_error_without_ext(struct rs_fuzz_step *step);
bool rs_deviate_event_without_rf(struct rs_fuzz_step *step);
bool rs_deviate_event_without_cr2(struct rs_fuzz_step *step);
bool rs_deviate_df_with_rf(struct rs_fuzz_step *step);
bool rs_deviate_ring3_faults_without_rf(struct rs_fuzz_step *step);
bool rs_deviate_ring1_faults_without_rf(struct rs_fuzz_step *step);
bool rs_deviate_ring0_faults_without_rf(struct rs_fuzz_step *step);
bool rs_deviate_own_ud_sets_rf(struct rs_fuzz_step *step);
bool rs_deviate_pf_without_rf(struct rs_fuzz_step *step);
bool rs_deviate_int_keeps_rf(struct rs_fuzz_step *step);
bool rs_deviate_delivery_clears_ac(struct rs_fuzz_step *step);

#endif
