/* SPDX-License-Identifier: MIT
 * The stack of a handler in IA-32e mode: which one, and the frame on it. */
#include "model/internal.h"

/* Reads a stack pointer out of the TSS. SDM Vol. 2A, INT n: INTER-PRIVILEGE-LEVEL-INTERRUPT. */
static bool read_tss(struct rs_model *model, const struct rs_model_event *event, uint32_t offset,
                     uint64_t *rsp)
{
    const struct rs_segment *tr = &model->state->tr;
    uint32_t error = rs_selector_error(tr->selector, rs_event_ext(event));

    if (offset + 7 > tr->limit)
        return rs_model_raise(model, RS_VECTOR_TS, error,
                              "#TS(TR): the stack pointer is outside the TSS");
    if (!rs_model_canonical(model, tr->base + offset) ||
        !rs_model_canonical(model, tr->base + offset + 7))
        return rs_model_raise(model, RS_VECTOR_TS, error,
                              "#TS(TR): the stack pointer's address is not canonical");
    return rs_model_read(model, tr->base + offset, rsp, sizeof(*rsp), 0);
}

static const char *const ist_texts[] = {
    "",
    "stack <- TSS.IST1",
    "stack <- TSS.IST2",
    "stack <- TSS.IST3",
    "stack <- TSS.IST4",
    "stack <- TSS.IST5",
    "stack <- TSS.IST6",
    "stack <- TSS.IST7",
};

static const char *const rsp_texts[] = {
    "CPL changes: stack <- TSS.RSP0",
    "CPL changes: stack <- TSS.RSP1",
    "CPL changes: stack <- TSS.RSP2",
};

bool rs_model_handler_stack(struct rs_model *model, const struct rs_model_event *event,
                            const struct rs_gate *gate, uint8_t cpl, uint64_t *rsp)
{
    const char *text = "CPL stays, no IST: stack <- RSP";

    if (gate->ist != 0) {
        if (!read_tss(model, event, TSS64_IST1 + 8u * (gate->ist - 1u), rsp))
            return false;
        text = ist_texts[gate->ist];
    } else if (cpl != model->state->cpl) {
        /* The handler's segment is the more privileged one: its DPL is 0, 1 or 2. */
        if (!read_tss(model, event, TSS64_RSP0 + 8u * cpl, rsp))
            return false;
        text = rsp_texts[cpl];
    } else {
        *rsp = model->state->gpr[RS_RSP];
    }
    rs_model_step(model, text, *rsp);
    if (!rs_model_canonical(model, *rsp))
        return rs_model_raise(model, RS_VECTOR_SS, rs_event_ext(event),
                              "#SS(0): the stack pointer is not canonical");
    *rsp &= ~UINT64_C(15);
    rs_model_step(model, "stack <- stack AND NOT 15", *rsp);
    return true;
}

/* The lowest quadword is frame[0]. SDM Vol. 3A, "64-Bit Mode Stack Frame". */
static void build_frame(const struct rs_cpu_state *state, const struct rs_model_event *event,
                        uint64_t *frame)
{
    if (event->has_error_code)
        *frame++ = event->error_code;
    frame[0] = event->rip;
    frame[1] = state->cs.selector;
    frame[2] = event->rflags;
    frame[3] = state->gpr[RS_RSP];
    frame[4] = state->ss.selector;
}

static void record_frame(struct rs_model *model, const struct rs_model_event *event)
{
    static const char *const texts[RS_MODEL_FRAME_MAX] = {"push error code", "push RIP", "push CS",
                                                          "push RFLAGS",     "push RSP", "push SS"};
    const struct rs_model_result *result = model->result;
    unsigned first = event->has_error_code ? 0 : 1;

    for (unsigned i = result->frame_count; i-- > 0;)
        rs_model_step(model, texts[first + i], result->frame[i]);
}

/* Pushed from the highest quadword down: the first that fails decides. */
static bool can_push(struct rs_model *model, const struct rs_model_event *event, uint64_t rsp,
                     unsigned count)
{
    uint64_t frame[RS_MODEL_FRAME_MAX];

    if (rs_model_read_at_once(model, rsp - 8 * count, frame, 8 * count))
        return true;
    for (unsigned i = 1; i <= count; i++) {
        uint64_t scratch, address = rsp - 8 * i;

        if (!rs_model_canonical(model, address))
            return rs_model_raise(model, RS_VECTOR_SS, rs_event_ext(event),
                                  "#SS(0): the frame reaches a non-canonical address");
        if (!rs_model_read(model, address, &scratch, sizeof(scratch), PF_ERROR_W))
            return false;
    }
    return true;
}

bool rs_model_push_frame(struct rs_model *model, const struct rs_model_event *event, uint64_t *rsp)
{
    unsigned count = event->has_error_code ? 6 : 5;

    if (!can_push(model, event, *rsp, count))
        return false;
    *rsp -= 8 * count;
    build_frame(model->state, event, model->result->frame);
    model->result->frame_count = (uint8_t)count;
    model->result->frame_gva = *rsp;
    if (model->env->record_steps)
        record_frame(model, event);
    return true;
}
