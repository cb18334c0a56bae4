/* SPDX-License-Identifier: MIT
 * What hosts do otherwise: the handler's code segment and stack. relax.c does the most of it. */
#include "deviations.h"

#include <string.h>

static bool entered(const struct rs_fuzz_step *step)
{
    return step->result->frame_count > 0 && step->result->outcome != RS_MODEL_SHUTDOWN;
}

/* Whatever the gate's selector names is entered. What is no 64-bit code runs below ring 3 on a
 * host that interprets it as nobody can say. */
bool rs_deviate_any_code(struct rs_fuzz_step *step)
{
    step->relaxed_code = step->deviation;
    step->wild = step->code && step->before.cpl != 3 && !step->before.cs.l;
    return step->wild;
}

bool rs_deviate_any_code_entered(struct rs_fuzz_step *step)
{
    struct rs_segment *cs = &step->result->after.cs, whole;

    if (!entered(step) || !step->relaxed_code)
        return false;
    rs_segment_decode(step->descriptor, cs->selector, &whole);
    whole.type |= SEGMENT_TYPE_ACCESSED;
    whole.dpl = cs->dpl;
    *cs = whole;
    return false;
}

/* The RPL of the gate's selector is the handler's CPL, unless CPL is lower already. */
bool rs_deviate_rpl(struct rs_fuzz_step *step)
{
    step->relaxed_rpl = step->deviation;
    return false;
}

bool rs_deviate_rpl_entered(struct rs_fuzz_step *step)
{
    struct rs_segment *cs = &step->result->after.cs, whole;

    if (!entered(step) || !step->relaxed_rpl)
        return false;
    rs_segment_decode(step->descriptor, step->selector, &whole);
    cs->selector = step->selector;
    cs->dpl = whole.dpl;
    return false;
}

/* Rings 1 and 2 get ring 0's stack, and its null SS. */
bool rs_deviate_rsp0_only(struct rs_fuzz_step *step)
{
    step->relaxed_rsp = step->deviation;
    return false;
}

bool rs_deviate_null_ss_entered(struct rs_fuzz_step *step)
{
    struct rs_cpu_state *after = &step->result->after;

    if (!entered(step) || after->cpl == step->before.cpl || after->ss.selector == 0)
        return false;
    after->ss.selector = 0;
    return true;
}

/* The step of the model with this text; NULL: there is none. */
static const struct rs_model_step *met(const struct rs_model_result *result, const char *text)
{
    for (unsigned i = 1; i < result->step_count; i++)
        if (strcmp(result->steps[i].text, text) == 0)
            return &result->steps[i];
    return NULL;
}

/* Of what is pushed, if it is an exception. */
static enum rs_exception_class pushed_class(const struct rs_fuzz_step *step)
{
    return step->cause.kind == RS_CAUSE_EXCEPTION ? rs_exception_class_of(step->cause.vector)
                                                  : RS_EXCEPTION_BENIGN;
}

/* The top of a stack is not canonical, but what is pushed first lies below it. */
static bool at_edge(const struct rs_fuzz_step *step)
{
    const struct rs_model_step *fault =
        met(step->result, "#SS(0): the stack pointer is not canonical");

    return fault && (fault[-1].value & ~UINT64_C(15)) == PROBE_CANONICAL_END;
}

/* The push is tried, and there is no memory. */
static bool push_at_edge(struct rs_fuzz_step *step)
{
    enum rs_exception_class class = pushed_class(step);

    if (!at_edge(step) || class == RS_EXCEPTION_DOUBLE_FAULT)
        return false;
    step->again = true;
    raise_instead(step, class == RS_EXCEPTION_PAGE_FAULT ? RS_VECTOR_DF : RS_VECTOR_PF);
    if (step->cause.vector == RS_VECTOR_PF) {
        step->cause.error_code = PF_ERROR_W;
        step->cause.cr2 = PROBE_CANONICAL_END - sizeof(uint64_t);
    }
    return true;
}

bool rs_deviate_stack_edge(struct rs_fuzz_step *step)
{
    return !step->is_event && push_at_edge(step);
}

bool rs_deviate_event_stack_edge(struct rs_fuzz_step *step)
{
    return step->is_event && push_at_edge(step);
}

static bool push_is_gp(struct rs_fuzz_step *step)
{
    step->again = true;
    step->int_length = is_interrupt_instruction(step) ? step->cause.length : 0;
    return raise_instead(step, RS_VECTOR_GP);
}

/* The top is canonical, and what is pushed below it is not: the push is any access. What is no
 * benign event becomes #DF either way. */
bool rs_deviate_stack_below(struct rs_fuzz_step *step)
{
    static const char text[] = "#SS(0): the frame reaches a non-canonical address";

    return met(step->result, text) && pushed_class(step) == RS_EXCEPTION_BENIGN && push_is_gp(step);
}

/* The stack that is kept is not looked at, and the push is any access. */
bool rs_deviate_same_stack(struct rs_fuzz_step *step)
{
    const struct rs_model_step *fault =
        met(step->result, "#SS(0): the stack pointer is not canonical");

    if (!fault || strcmp(fault[-1].text, "CPL stays, no IST: stack <- RSP") != 0)
        return false;
    if (at_edge(step))
        return push_at_edge(step);
    return pushed_class(step) == RS_EXCEPTION_BENIGN && push_is_gp(step);
}

/* A gate's selector that is of the LDT is outside its table. */
bool rs_deviate_gate_without_ldt(struct rs_fuzz_step *step)
{
    step->relaxed_ldt = step->deviation;
    return false;
}
