/* SPDX-License-Identifier: MIT
 * What hosts do otherwise: delivery through a gate. */
#include "deviations.h"

#include <string.h>

bool rs_deviate_delivery_clears_ac(struct rs_fuzz_step *step)
{
    return step->result->frame_count > 0 && clear(&step->result->after.rflags, RFLAGS_AC);
}

static bool has_error(const struct rs_fuzz_step *step)
{
    return step->result->frame_count == RS_MODEL_FRAME_MAX;
}

static bool nested_error(const struct rs_fuzz_step *step)
{
    return step->result->outcome == RS_MODEL_FAULT && has_error(step);
}

/* 16n + 2 for a gate. */
bool rs_deviate_gate_error(struct rs_fuzz_step *step)
{
    uint64_t *error = &step->result->frame[0];

    if (!nested_error(step) || !(*error & SELECTOR_ERROR_IDT))
        return false;
    *error = (*error >> 3) * 16 + SELECTOR_ERROR_IDT;
    return true;
}

bool rs_deviate_error_without_ext(struct rs_fuzz_step *step)
{
    return nested_error(step) && step->result->vector != RS_VECTOR_PF &&
           clear(&step->result->frame[0], SELECTOR_ERROR_EXT);
}

bool rs_deviate_faulting_int_rip(struct rs_fuzz_step *step)
{
    uint8_t length = is_interrupt_instruction(step) ? step->cause.length : step->int_length;

    if (length == 0 || !(nested_error(step) || (step->int_length && has_error(step))))
        return false;
    step->result->frame[1] += length;
    return true;
}

/* Whatever is wrong with it. */
bool rs_deviate_nested_is_df(struct rs_fuzz_step *step)
{
    if (step->result->outcome == RS_MODEL_DONE || !rs_is_delivery(step) ||
        step->cause.vector == RS_VECTOR_DF)
        return false;
    step->again = true;
    if (step->cause.kind == RS_CAUSE_EXCEPTION && step->cause.vector == RS_VECTOR_PF)
        step->before.cr2 = step->cause.cr2; /* of the first; the second leaves none */
    return raise_instead(step, RS_VECTOR_DF);
}

/* A host that must map memory while an exception is delivered delivers it again, as an event: what
 * that comes upon is delivered in its place. */
bool rs_deviate_exception_is_injected(struct rs_fuzz_step *step)
{
    if (step->is_event || step->cause.kind != RS_CAUSE_EXCEPTION ||
        step->result->outcome == RS_MODEL_DONE ||
        rs_exception_class_of(step->cause.vector) == RS_EXCEPTION_BENIGN)
        return false;
    if (step->cause.vector == RS_VECTOR_PF)
        step->before.cr2 = step->cause.cr2;
    step->again = true;
    step->cause.kind = RS_CAUSE_INTERRUPT;
    return true;
}

bool rs_deviate_any_gate(struct rs_fuzz_step *step)
{
    step->relaxed_gates = step->deviation;
    return false;
}

bool rs_deviate_injected_is_benign(struct rs_fuzz_step *step)
{
    if (!step->is_event || step->cause.kind != RS_CAUSE_EXCEPTION ||
        step->result->outcome == RS_MODEL_DONE)
        return false;
    step->again = true;
    step->cause.kind = RS_CAUSE_INTERRUPT;
    return true;
}

/* The TSS is read past its limit. */
bool rs_deviate_any_tss(struct rs_fuzz_step *step)
{
    bool matters = step->before.tr.limit < TSS64_SIZE - 1;

    step->before.tr.limit = UINT16_MAX;
    return matters;
}

/* What goes wrong with an NMI or interrupt is reported without EXT, RF and CR2. */
static bool is_nested_in_event(const struct rs_fuzz_step *step)
{
    bool replaced = step->again && has_error(step);

    return step->is_event && (nested_error(step) || replaced);
}

bool rs_deviate_event_error_without_ext(struct rs_fuzz_step *step)
{
    return is_nested_in_event(step) && step->result->vector != RS_VECTOR_PF &&
           clear(&step->result->frame[0], SELECTOR_ERROR_EXT);
}

bool rs_deviate_event_without_rf(struct rs_fuzz_step *step)
{
    return is_nested_in_event(step) && as_before(step);
}

bool rs_deviate_event_without_cr2(struct rs_fuzz_step *step)
{
    bool other = step->result->after.cr2 != step->before.cr2;

    if (!is_nested_in_event(step) || !other)
        return false;
    step->result->after.cr2 = step->before.cr2;
    return true;
}

bool rs_deviate_df_with_rf(struct rs_fuzz_step *step)
{
    return step->result->frame_count > 0 && step->result->vector == RS_VECTOR_DF &&
           set(frame_rflags(step), RFLAGS_RF);
}

/* An offset that is not canonical is where the handler's first fetch faults. */
bool rs_deviate_any_offset(struct rs_fuzz_step *step)
{
    step->relaxed_offset = step->deviation;
    return false;
}
