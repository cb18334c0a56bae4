/* SPDX-License-Identifier: MIT
 * The entry point: from a cause to the transition, and on through what it raises. */
#include "model/internal.h"

/* Classes whose handler sees RF = 1: SDM Vol. 3B, "Instruction-Breakpoint Exception Condition". */
static bool is_fault(uint8_t vector)
{
    switch (vector) {
#define X(mnemonic, number, class, error_code, dpl, ist, handler, title)                           \
    case (number):                                                                                 \
        return RS_VECTOR_CLASS_##class == RS_VECTOR_CLASS_FAULT;
        RS_VECTORS(X)
#undef X
    default:
        return rs_exception_has_error_code(vector); /* AMD's #VC and #SX */
    }
}

/* An exception that the model found, at the instruction that it interrupts. */
static struct rs_model_event exception_event(const struct rs_cpu_state *state, uint8_t vector,
                                             uint32_t error_code)
{
    return (struct rs_model_event){
        .vector = vector,
        .has_error_code = rs_exception_has_error_code(vector),
        .error_code = error_code,
        .rip = state->rip,
        .rflags = state->rflags | (is_fault(vector) ? RFLAGS_RF : 0),
        .class = rs_exception_class_of(vector),
    };
}

/* INT n, INT3, INTO and INT1: they push the address after them, and RF = 0. */
static struct rs_model_event instruction_event(const struct rs_cpu_state *state,
                                               const struct rs_cause *cause, uint8_t vector)
{
    struct rs_model_event event = {
        .vector = vector,
        .software = cause->kind != RS_CAUSE_ICEBP,
        .rip = state->rip + cause->length,
        .rflags = state->rflags & ~RFLAGS_RF,
        .class = RS_EXCEPTION_BENIGN,
    };

    if (!state->cs.l)
        event.rip &= UINT32_MAX;
    return event;
}

/* Interrupts and NMI come between instructions: RIP and RF are as they are. */
static struct rs_model_event interrupt_event(const struct rs_cpu_state *state, uint8_t vector)
{
    return (struct rs_model_event){
        .vector = vector,
        .rip = state->rip,
        .rflags = state->rflags,
        .class = RS_EXCEPTION_BENIGN,
    };
}

static struct rs_model_event raised_event(struct rs_cpu_state *state, const struct rs_cause *cause)
{
    struct rs_model_event event = exception_event(state, cause->vector, cause->error_code);

    event.has_error_code = cause->has_error_code;
    if (cause->vector == RS_VECTOR_PF)
        state->cr2 = cause->cr2;
    return event;
}

/*
 * Delivers an event, and in its place whatever its delivery raises. It ends: a benign event can be
 * followed by a contributory exception, that by #PF, that by #DF, and that by shutdown.
 */
static void deliver(struct rs_model *model, struct rs_model_event event)
{
    struct rs_model_result *result = model->result;
    const struct rs_fault *fault = &model->fault;
    struct rs_cpu_state *state = model->state;

    while (!rs_model_deliver(model, &event)) {
        enum rs_nested_action action =
            rs_nested_action_of(event.class, rs_exception_class_of(fault->vector));

        if (fault->vector == RS_VECTOR_PF)
            state->cr2 = fault->cr2;
        if (action == RS_NESTED_SHUTDOWN) {
            rs_model_step(model, "shutdown: an exception while #DF was delivered", fault->vector);
            result->outcome = RS_MODEL_SHUTDOWN;
            return;
        }
        event = action == RS_NESTED_DOUBLE_FAULT
                    ? exception_event(state, RS_VECTOR_DF, 0)
                    : exception_event(state, fault->vector, fault->error_code);
        result->outcome = RS_MODEL_FAULT;
    }
    result->fault_vector = event.vector;
    result->fault_error_code = event.error_code;
    result->fault_has_error_code = event.has_error_code;
}

/* The instruction itself faulted before it transferred anything. */
static void deliver_fault(struct rs_model *model)
{
    const struct rs_fault *fault = &model->fault;

    model->result->outcome = RS_MODEL_FAULT;
    if (fault->vector == RS_VECTOR_PF)
        model->state->cr2 = fault->cr2;
    deliver(model, exception_event(model->state, fault->vector, fault->error_code));
}

/* Invalid in 64-bit mode, and nothing but a step to the next instruction while OF is 0. */
static void run_into(struct rs_model *model, const struct rs_cause *cause)
{
    struct rs_cpu_state *state = model->state;

    if (state->cs.l) {
        rs_model_raise(model, RS_VECTOR_UD, 0, "#UD: INTO in 64-bit mode");
        deliver_fault(model);
    } else if (state->rflags & RFLAGS_OF) {
        deliver(model, instruction_event(state, cause, RS_VECTOR_OF));
    } else {
        state->rip = (state->rip + cause->length) & UINT32_MAX;
        state->rflags &= ~RFLAGS_RF; /* it has been executed */
        rs_model_step(model, "INTO: RFLAGS.OF is 0, nothing happens", state->rip);
    }
}

static void run(struct rs_model *model, const struct rs_cause *cause)
{
    struct rs_cpu_state *state = model->state;

    switch (cause->kind) {
    case RS_CAUSE_SYSCALL:
        if (!rs_model_syscall(model, cause))
            deliver_fault(model);
        break;
    case RS_CAUSE_SYSRET:
        if (!rs_model_sysret(model, cause))
            deliver_fault(model);
        break;
    case RS_CAUSE_IRET:
        if (!rs_model_iret(model, cause))
            deliver_fault(model);
        break;
    case RS_CAUSE_INT_N:
        deliver(model, instruction_event(state, cause, cause->vector));
        break;
    case RS_CAUSE_INT3:
        deliver(model, instruction_event(state, cause, RS_VECTOR_BP));
        break;
    case RS_CAUSE_INTO:
        run_into(model, cause);
        break;
    case RS_CAUSE_ICEBP:
        deliver(model, instruction_event(state, cause, RS_VECTOR_DB));
        break;
    case RS_CAUSE_EXCEPTION:
        deliver(model, raised_event(state, cause));
        break;
    case RS_CAUSE_INTERRUPT:
        deliver(model, interrupt_event(state, cause->vector));
        break;
    case RS_CAUSE_NMI:
        state->nmi_blocked = true;
        deliver(model, interrupt_event(state, RS_VECTOR_NMI));
        break;
    }
}

/* What the counts do not cover, frame and steps, stays as it is: most of a kilobyte. */
static void clear(struct rs_model_result *result)
{
    result->outcome = RS_MODEL_DONE;
    result->fault_vector = 0;
    result->fault_error_code = 0;
    result->fault_has_error_code = false;
    result->vector = 0;
    result->gate_type = 0;
    result->ist = 0;
    result->frame_gva = 0;
    result->frame_count = 0;
    result->step_count = 0;
}

void rs_model_run(const struct rs_model_env *env, const struct rs_cpu_state *before,
                  const struct rs_cause *cause, struct rs_model_result *result)
{
    struct rs_model model = {.env = env, .state = &result->after, .result = result};
    uint64_t cr2 = before->cr2;
    bool nmi_blocked = before->nmi_blocked;
    uint8_t cpl = before->cpl;

    clear(result);
    if (before != &result->after)
        result->after = *before;
    result->after.cpl &= SELECTOR_RPL;
    run(&model, cause);
    /* Nothing completed: what was changed on the way is taken back. */
    if (result->outcome == RS_MODEL_SHUTDOWN) {
        result->after.cr2 = cr2;
        result->after.nmi_blocked = nmi_blocked;
        result->after.cpl = cpl;
    }
    if (result->outcome != RS_MODEL_FAULT) {
        result->fault_vector = 0;
        result->fault_error_code = 0;
        result->fault_has_error_code = false;
    }
}
