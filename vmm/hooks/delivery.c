/* SPDX-License-Identifier: MIT
 * What a fetch from an IDT gate means: the delivery that led there, checked, repaired, reported. */
#include "internal.h"

#include <ringscope/x86/cpu.h>
#include <string.h>

void rs_hooks_state(struct rs_hooks *hooks, struct rs_cpu_state *state)
{
    rs_vcpu_get_state(hooks->vcpu, state);
    state->nmi_blocked = false;
    state->star = hooks->star;
    state->lstar = hooks->lstar;
    state->cstar = hooks->cstar;
    state->fmask = hooks->fmask;
}

static void load_segment(struct rs_known_reader *reader, const struct rs_cpu_state *state,
                         uint16_t selector, struct rs_segment *segment)
{
    uint64_t raw;

    *segment = (struct rs_segment){.selector = selector, .unusable = true, .dpl = selector & 3};
    if ((selector & ~7) != 0 &&
        rs_known_read(reader, state->gdt.base + (selector & ~7), &raw, sizeof(raw)) == 0)
        rs_segment_decode(raw, selector, segment);
}

/* From the state after to the one that the frame says was left. */
static void go_back(struct rs_known_reader *reader, const struct rs_frame *frame, uint64_t rip,
                    struct rs_cpu_state *before)
{
    before->rip = rip;
    before->rflags = frame->rflags;
    before->gpr[RS_RSP] = frame->rsp;
    before->cpl = frame->cs & 3;
    load_segment(reader, before, (uint16_t)frame->cs, &before->cs);
    load_segment(reader, before, (uint16_t)frame->ss, &before->ss);
}

void rs_event_contexts(struct rs_event *event, const struct rs_context *before,
                       const struct rs_context *after)
{
    event->from_cpl = before->cpl;
    event->from_cs = before->cs;
    event->from_ss = before->ss;
    event->from_rip = before->rip;
    event->from_rsp = before->rsp;
    event->from_rflags = before->rflags;
    event->to_cpl = after->cpl;
    event->to_cs = after->cs;
    event->to_ss = after->ss;
    event->to_rip = after->rip;
    event->to_rsp = after->rsp;
    event->to_rflags = after->rflags;
    event->cr2 = after->cr2;
}

static enum rs_event_kind kind_of_cause(const struct rs_cause *cause)
{
    switch (cause->kind) {
    case RS_CAUSE_INT_N:
        return RS_EVENT_INT_N;
    case RS_CAUSE_INTERRUPT:
        return RS_EVENT_INTERRUPT;
    case RS_CAUSE_NMI:
        return RS_EVENT_NMI;
    default:
        return RS_EVENT_EXCEPTION;
    }
}

static enum rs_event_kind kind_of(const struct rs_cause *cause, const struct rs_model_result *model)
{
    return model->outcome == RS_MODEL_FAULT ? RS_EVENT_EXCEPTION : kind_of_cause(cause);
}

/* An event of the gate of `vector`, as the guest has it. */
static struct rs_event *gate_event(struct rs_hooks *hooks, enum rs_event_kind kind, uint8_t vector,
                                   const struct rs_gate *gate)
{
    struct rs_event *event = rs_hooks_event(hooks, kind);

    event->vector = vector;
    event->gate_type = gate->type;
    event->ist = gate->ist;
    return event;
}

static uint32_t repairable(uint32_t needs)
{
    uint32_t bits = 0;

    if (needs & RS_NEED_SYSCALL)
        bits |= RS_DEVIATION_SYSCALL_CPL;
    if (needs & RS_NEED_INT_N_UD)
        bits |= RS_DEVIATION_INT_N_UD;
    if (needs & RS_NEED_INT_N_GP)
        bits |= RS_DEVIATION_INT_N_ERROR_CODE | RS_DEVIATION_INT_N_RIP;
    if (needs & RS_NEED_RING0_INT)
        bits |= RS_DEVIATION_EMULATION;
    return bits;
}

/* What the model says took place, reported and, when it must be, put into the vCPU. */
static enum rs_fetch repaired(struct rs_hooks *hooks, const struct rs_context *from,
                              const struct rs_cause *cause, const struct rs_model_result *model,
                              uint32_t deviations)
{
    struct rs_context to = rs_context_of(&model->after);
    uint64_t rax = rs_vcpu_regs(hooks->vcpu)->rax;
    struct rs_event *event;
    struct rs_gate gate;

    if (rs_repair(hooks, model) != 0)
        return RS_FETCH_FAILED;
    rs_gate_decode(rs_hooks_gate(hooks, model->vector), &gate);
    event = gate_event(hooks, kind_of(cause, model), model->vector, &gate);
    rs_event_contexts(event, from, &to);
    if (model->outcome == RS_MODEL_FAULT ? model->fault_has_error_code : cause->has_error_code) {
        event->flags |= RS_EVENT_HAS_ERROR_CODE;
        event->error_code =
            model->outcome == RS_MODEL_FAULT ? model->fault_error_code : cause->error_code;
    }
    event->code = (uint32_t)rax;
    event->deviations = deviations;
    event->flags |= deviations ? RS_EVENT_REPAIRED : 0;
    rs_hooks_report(hooks, event);
    return RS_FETCH_HANDLED;
}

static void report_delivery(struct rs_hooks *hooks, uint8_t vector, const struct rs_gate *gate,
                            const struct rs_frame *frame, enum rs_event_kind kind,
                            const struct rs_context *from, const struct rs_context *to,
                            uint32_t deviations)
{
    struct rs_event *event = gate_event(hooks, kind, vector, gate);

    rs_event_contexts(event, from, to);
    event->code = (uint32_t)rs_vcpu_regs(hooks->vcpu)->rax;
    event->deviations = deviations;
    if (frame->has_error_code) {
        event->flags |= RS_EVENT_HAS_ERROR_CODE;
        event->error_code = (uint32_t)frame->error_code;
    }
    rs_hooks_report(hooks, event);
}

/* The values behind the deviations of a delivery, for the first of each kind. */
static void note(struct rs_hooks *hooks, uint32_t deviations, const struct rs_diagnosis *diagnosis,
                 const struct rs_frame *frame, const struct rs_context *actual,
                 const struct rs_model_result *model)
{
    struct rs_context after = rs_context_of(&model->after);
    struct rs_marks *marks = &hooks->marks;

    rs_check_values(marks, deviations, actual, &after);
    rs_marks_found(marks, RS_DEVIATION_BIT_INT_N_UD, diagnosis->cause.vector, RS_VECTOR_UD);
    rs_marks_found(marks, RS_DEVIATION_BIT_INT_N_ERROR_CODE, diagnosis->cause.vector * 8u + 2,
                   frame->error_code);
    rs_marks_found(marks, RS_DEVIATION_BIT_INT_N_RIP, diagnosis->rip, frame->rip);
    for (unsigned i = 0; i < model->frame_count && i < frame->count; i++)
        if (frame->words[i] != model->frame[i])
            rs_marks_found(marks, RS_DEVIATION_BIT_FRAME, model->frame[i], frame->words[i]);
    if (deviations & RS_DEVIATION_RETURN)
        rs_marks_found(marks, RS_DEVIATION_BIT_RETURN, hooks->returned.rflags, frame->rflags);
}

/* The bytes at the RIP of an exception, as far as its page goes. */
static void note_instruction(struct rs_hooks *hooks, uint64_t rip)
{
    uint64_t in_page = PAGE_SIZE - (rip & (PAGE_SIZE - 1));
    size_t size = in_page < RS_INSN_MAX ? (size_t)in_page : RS_INSN_MAX;
    uint8_t bytes[RS_INSN_MAX];

    if (hooks->marks.wanted && rs_hooks_read(hooks, rip, bytes, size) == 0)
        rs_marks_memory(&hooks->marks, RS_PURPOSE_INSTRUCTION, rip, bytes, size);
}

/* One delivery that led to the gate of `vector`. */
struct delivery {
    uint8_t vector;
    struct rs_gate gate;
    struct rs_frame frame;
    struct rs_diagnosis diagnosis;
    struct rs_context from, actual;
};

/* Those may come after any number of instructions. */
static bool is_asynchronous(const struct rs_cause *cause)
{
    return cause->kind == RS_CAUSE_INTERRUPT || cause->kind == RS_CAUSE_NMI;
}

/* The return before it: RS_DEVIATION_RETURN or 0. */
static uint32_t check_returned(struct rs_hooks *hooks, const struct delivery *delivery)
{
    uint32_t deviation = hooks->has_returned && !is_asynchronous(&delivery->diagnosis.cause)
                             ? rs_check_return(&delivery->from, &hooks->returned)
                             : 0;

    /* A function that is called again comes to the same instruction, with another stack. */
    return deviation && rs_hooks_registers(hooks) == hooks->returned_registers ? deviation : 0;
}

static enum rs_fetch hand_on(struct rs_hooks *hooks, const struct delivery *delivery,
                             enum rs_event_kind kind, uint32_t deviations)
{
    hooks->has_returned = false;
    if (!is_asynchronous(&delivery->diagnosis.cause))
        note_instruction(hooks, delivery->from.rip);
    report_delivery(hooks, delivery->vector, &delivery->gate, &delivery->frame, kind,
                    &delivery->from, &delivery->actual, deviations);
    rs_vcpu_regs(hooks->vcpu)->rip = delivery->gate.offset;
    rs_vcpu_regs_dirty(hooks->vcpu);
    return RS_FETCH_HANDLED;
}

static enum rs_fetch modelled(struct rs_hooks *hooks, struct delivery *delivery)
{
    struct rs_known_reader reader = {.hooks = hooks};
    struct rs_model_env env = {rs_known_read, &reader, hooks->vendor, false};
    const struct rs_diagnosis *diagnosis = &delivery->diagnosis;
    struct rs_model_result model;
    struct rs_cpu_state *state = &model.after; /* before the model runs: the state before */
    uint32_t deviations = diagnosis->deviations, returned;

    rs_hooks_state(hooks, state);
    go_back(&reader, &delivery->frame, diagnosis->rip, state);
    delivery->from = rs_context_of(state);
    rs_model_run(&env, state, &diagnosis->cause, &model);
    returned = check_returned(hooks, delivery);
    if (deviations & repairable(hooks->set->config.needs)) {
        deviations |= returned;
        hooks->has_returned = false;
        note_instruction(hooks, delivery->from.rip);
        note(hooks, deviations, diagnosis, &delivery->frame, &delivery->actual, &model);
        return repaired(hooks, &delivery->from, &diagnosis->cause, &model, deviations);
    }
    if (deviations == 0) {
        deviations = rs_check_delivery(&delivery->actual, &delivery->frame, &model);
        if (deviations == 0 && model.outcome == RS_MODEL_DONE)
            rs_known_delivery_keep(&reader, delivery->vector, &delivery->frame, diagnosis,
                                   &delivery->from, &delivery->actual);
    }
    deviations |= returned;
    if (deviations)
        note(hooks, deviations, diagnosis, &delivery->frame, &delivery->actual, &model);
    return hand_on(hooks, delivery,
                   diagnosis->deviations ? RS_EVENT_EXCEPTION : kind_of(&diagnosis->cause, &model),
                   deviations);
}

enum rs_fetch rs_gates_idt_fetch(struct rs_hooks *hooks, uint8_t vector)
{
    struct delivery delivery;
    struct rs_context *actual = &delivery.actual;

    *actual = rs_hooks_context(hooks);
    if (!rs_gates_have(hooks, vector) ||
        rs_frame_read(hooks, vector, actual->rsp, &delivery.frame) != 0)
        return RS_FETCH_FAILED;
    delivery.vector = vector;
    rs_gate_decode(rs_hooks_gate(hooks, vector), &delivery.gate);
    actual->rip = delivery.gate.offset;
    rs_diagnose(hooks, vector, &delivery.frame, actual->cr2, &delivery.diagnosis);
    if (delivery.diagnosis.deviations != 0 ||
        !rs_known_delivery_holds(hooks, vector, &delivery.frame, &delivery.diagnosis, actual,
                                 &delivery.from) ||
        check_returned(hooks, &delivery) != 0)
        return modelled(hooks, &delivery);
    return hand_on(hooks, &delivery, kind_of_cause(&delivery.diagnosis.cause), 0);
}

/* INT n, INT3 and INT1 in ring 0, for which the model can stand in. */
static bool is_interrupt_instruction(struct rs_hooks *hooks, const struct rs_cpu_state *state,
                                     struct rs_cause *cause)
{
    uint8_t bytes[2] = {0};

    return (hooks->set->config.needs & RS_NEED_RING0_INT) && state->cpl == 0 &&
           rs_hooks_read(hooks, state->rip, bytes, sizeof(bytes)) == 0 &&
           rs_cause_from_instruction(bytes, sizeof(bytes), true, cause) &&
           (cause->kind == RS_CAUSE_INT_N || cause->kind == RS_CAUSE_INT3 ||
            cause->kind == RS_CAUSE_ICEBP);
}

enum rs_fetch rs_gates_raise(struct rs_hooks *hooks, const struct rs_cause *cause,
                             uint32_t deviations)
{
    struct rs_model_env env = {rs_gates_model_read, hooks, hooks->vendor, false};
    struct rs_model_result model;
    struct rs_context from;

    rs_hooks_state(hooks, &model.after);
    from = rs_context_of(&model.after);
    rs_model_run(&env, &model.after, cause, &model);
    if (model.outcome == RS_MODEL_SHUTDOWN)
        return RS_FETCH_OTHER;
    return repaired(hooks, &from, cause, &model, deviations);
}

enum rs_fetch rs_gates_put_fault(struct rs_hooks *hooks, const struct rs_context *from,
                                 const struct rs_model_result *model)
{
    const struct rs_cause cause = {.kind = RS_CAUSE_EXCEPTION, .vector = model->vector};

    if (model->outcome == RS_MODEL_SHUTDOWN)
        return RS_FETCH_OTHER;
    return repaired(hooks, from, &cause, model, 0);
}

/* In ring 3 the guest gets #UD, as KVM itself does it without KVM_CAP_EXIT_ON_EMULATION_FAILURE. */
enum rs_fetch rs_gates_refused_instruction(struct rs_hooks *hooks)
{
    struct rs_cause cause = {.kind = RS_CAUSE_EXCEPTION, .vector = RS_VECTOR_UD};
    struct rs_cpu_state state;

    rs_hooks_state(hooks, &state);
    if (state.cpl != 3 && !is_interrupt_instruction(hooks, &state, &cause))
        return RS_FETCH_OTHER;
    return rs_gates_raise(hooks, &cause, RS_DEVIATION_EMULATION);
}
