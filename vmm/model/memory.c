/* SPDX-License-Identifier: MIT
 * What the transitions share: steps, raising an exception, reading tables. */
#include "model/internal.h"

void rs_model_record_step(struct rs_model *model, const char *text, uint64_t value)
{
    struct rs_model_result *result = model->result;

    if (result->step_count < RS_MODEL_STEPS_MAX)
        result->steps[result->step_count++] = (struct rs_model_step){.text = text, .value = value};
}

bool rs_model_raise(struct rs_model *model, uint8_t vector, uint32_t error_code, const char *why)
{
    model->fault = (struct rs_fault){.vector = vector, .error_code = error_code};
    rs_model_step(model, why, error_code);
    return false;
}

bool rs_model_read_at_once(struct rs_model *model, uint64_t gva, void *buffer, size_t size)
{
    return (gva & (PAGE_SIZE - 1)) <= PAGE_SIZE - size && rs_model_canonical(model, gva) &&
           model->env->read(model->env->context, gva, buffer, size) == 0;
}

bool rs_model_read(struct rs_model *model, uint64_t gva, void *buffer, size_t size,
                   uint32_t pf_error)
{
    uint8_t *bytes = buffer;

    /* Page by page, so that CR2 is the address that the processor would report. */
    while (size > 0) {
        size_t in_page = (size_t)(PAGE_SIZE - (gva & (PAGE_SIZE - 1)));
        size_t part = size < in_page ? size : in_page;

        if (model->env->read(model->env->context, gva, bytes, part)) {
            rs_model_raise(model, RS_VECTOR_PF, pf_error, "#PF: the memory is not mapped");
            rs_model_step(model, "CR2 <- address of the access", gva);
            model->fault.cr2 = gva;
            return false;
        }
        gva += part;
        bytes += part;
        size -= part;
    }
    return true;
}

bool rs_model_descriptor(struct rs_model *model, uint16_t selector, uint32_t ext,
                         struct rs_segment *segment)
{
    const struct rs_cpu_state *state = model->state;
    bool local = (selector & SELECTOR_ERROR_TI) != 0;
    uint32_t offset = selector & 0xfff8u;
    uint32_t limit = local ? state->ldt_limit : state->gdt.limit;
    uint64_t address = (local ? state->ldt_base : state->gdt.base) + offset;
    uint64_t raw;

    if (offset + 7 > limit)
        return rs_model_raise(model, RS_VECTOR_GP, rs_selector_error(selector, ext),
                              "#GP(selector): the selector is outside its descriptor table");
    if (!rs_model_canonical(model, address) || !rs_model_canonical(model, address + 7))
        return rs_model_raise(model, RS_VECTOR_GP, rs_selector_error(selector, ext),
                              "#GP(selector): the descriptor's address is not canonical");
    if (!rs_model_read(model, address, &raw, sizeof(raw), 0))
        return false;
    rs_segment_decode(raw, selector, segment);
    return true;
}
