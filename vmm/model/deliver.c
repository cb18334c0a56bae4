/* SPDX-License-Identifier: MIT
 * One delivery through the IDT, from the vector to the handler's state. */
#include "model/internal.h"

/*
 * SDM Vol. 2A, "INT n/INTO/INT3/INT1 - Call to Interrupt Procedure", Operation: IA-32e-MODE and
 * TRAP-OR-INTERRUPT-GATE, in the order of their checks. AMD APM Vol. 2, "Long-Mode Interrupt
 * Control Transfers", has the same rules.
 */

/* The error code that names a gate: SDM Vol. 3A, "Error Code". */
static uint32_t gate_error(const struct rs_model_event *event)
{
    return (uint32_t)event->vector << 3 | SELECTOR_ERROR_IDT | rs_event_ext(event);
}

static bool read_gate(struct rs_model *model, const struct rs_model_event *event,
                      struct rs_gate *gate)
{
    const struct rs_table_register *idt = &model->state->idt;
    uint32_t offset = event->vector * 16u;
    uint64_t raw[2];

    if (offset + 15 > idt->limit)
        return rs_model_raise(model, RS_VECTOR_GP, gate_error(event),
                              "#GP(vector): the gate is outside the IDT");
    if (!rs_model_canonical(model, idt->base + offset) ||
        !rs_model_canonical(model, idt->base + offset + 15))
        return rs_model_raise(model, RS_VECTOR_GP, gate_error(event),
                              "#GP(vector): the gate's address is not canonical");
    if (!rs_model_read(model, idt->base + offset, raw, sizeof(raw), 0))
        return false;
    rs_gate_decode(raw, gate);
    rs_model_step(model, "gate <- IDT.base + 16 * vector; its offset", gate->offset);
    return true;
}

static bool check_gate(struct rs_model *model, const struct rs_model_event *event,
                       const struct rs_gate *gate)
{
    if (gate->s || (gate->type != DESC_TYPE_INTERRUPT_GATE && gate->type != DESC_TYPE_TRAP_GATE))
        return rs_model_raise(model, RS_VECTOR_GP, gate_error(event),
                              "#GP(vector): neither a 64-bit interrupt gate nor a trap gate");
    if (event->software) {
        rs_model_step(model, "INT n, INT3, INTO: CPL must not exceed the gate's DPL", gate->dpl);
        if (model->state->cpl > gate->dpl)
            return rs_model_raise(model, RS_VECTOR_GP, gate_error(event),
                                  "#GP(vector): CPL is greater than the gate's DPL");
    }
    if (!gate->p)
        return rs_model_raise(model, RS_VECTOR_NP, gate_error(event),
                              "#NP(vector): the gate is not present");
    return true;
}

static bool load_code(struct rs_model *model, const struct rs_model_event *event,
                      const struct rs_gate *gate, struct rs_segment *cs)
{
    uint32_t error = rs_selector_error(gate->selector, rs_event_ext(event));

    if (rs_selector_is_null(gate->selector))
        return rs_model_raise(model, RS_VECTOR_GP, rs_event_ext(event),
                              "#GP(0): the gate's selector is null");
    if (!rs_model_descriptor(model, gate->selector, rs_event_ext(event), cs))
        return false;
    if (!rs_segment_is_code(cs))
        return rs_model_raise(model, RS_VECTOR_GP, error,
                              "#GP(selector): the gate's selector names no code segment");
    if (!cs->l || cs->db)
        return rs_model_raise(model, RS_VECTOR_GP, error,
                              "#GP(selector): the code segment is not 64-bit (L = 1, D = 0)");
    if (cs->dpl > model->state->cpl)
        return rs_model_raise(model, RS_VECTOR_GP, error,
                              "#GP(selector): the code segment's DPL is greater than CPL");
    if (!cs->p)
        return rs_model_raise(model, RS_VECTOR_NP, error,
                              "#NP(selector): the code segment is not present");
    return true;
}

/* A conforming segment runs at the interrupted CPL, another one at its DPL. */
static uint8_t handler_cpl(const struct rs_model *model, const struct rs_segment *cs)
{
    return cs->type & SEGMENT_TYPE_CONFORMING ? model->state->cpl : cs->dpl;
}

static void load_flags(struct rs_model *model, const struct rs_gate *gate)
{
    uint64_t cleared = RFLAGS_TF | RFLAGS_NT | RFLAGS_RF | RFLAGS_VM;

    if (gate->type == DESC_TYPE_INTERRUPT_GATE)
        cleared |= RFLAGS_IF;
    model->state->rflags &= ~cleared;
    rs_model_step(model,
                  gate->type == DESC_TYPE_INTERRUPT_GATE
                      ? "interrupt gate: RFLAGS.IF, TF, NT, RF, VM <- 0"
                      : "trap gate: RFLAGS.TF, NT, RF, VM <- 0; IF stays",
                  model->state->rflags);
}

static void enter_handler(struct rs_model *model, const struct rs_gate *gate,
                          const struct rs_segment *cs, uint8_t cpl, uint64_t rsp)
{
    struct rs_cpu_state *state = model->state;

    load_flags(model, gate);
    if (cpl != state->cpl) {
        state->ss = (struct rs_segment){.selector = cpl, .dpl = cpl, .unusable = true};
        rs_model_step(model, "CPL changes: SS <- null, RPL = new CPL", state->ss.selector);
    }
    state->cs = *cs;
    state->cs.selector = (uint16_t)((gate->selector & 0xfffc) | cpl);
    state->cs.type |= SEGMENT_TYPE_ACCESSED;
    state->cpl = cpl;
    state->gpr[RS_RSP] = rsp;
    state->rip = gate->offset;
    rs_model_step(model, "CS <- gate's selector, RPL = CPL", state->cs.selector);
    rs_model_step(model, "RSP <- address of the frame", rsp);
    rs_model_step(model, "RIP <- gate's offset", state->rip);
}

bool rs_model_deliver(struct rs_model *model, const struct rs_model_event *event)
{
    struct rs_gate gate = {0};
    struct rs_segment cs = {0};
    uint64_t rsp = 0;
    uint8_t cpl;

    rs_model_step(model, "deliver vector", event->vector);
    if (!read_gate(model, event, &gate) || !check_gate(model, event, &gate) ||
        !load_code(model, event, &gate, &cs))
        return false;
    cpl = handler_cpl(model, &cs);
    if (!rs_model_handler_stack(model, event, &gate, cpl, &rsp))
        return false;
    if (!rs_model_canonical(model, gate.offset))
        return rs_model_raise(model, RS_VECTOR_GP, rs_event_ext(event),
                              "#GP(0): the gate's offset is not canonical");
    if (!rs_model_push_frame(model, event, &rsp))
        return false;
    enter_handler(model, &gate, &cs, cpl, rsp);
    model->result->vector = event->vector;
    model->result->gate_type = gate.type;
    model->result->ist = gate.ist;
    return true;
}
