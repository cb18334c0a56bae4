/* SPDX-License-Identifier: MIT
 * The segments that IRET loads: SDM Vol. 2A, "IRET/IRETD/IRETQ - Interrupt Return", Operation and
 * "64-Bit Mode Exceptions". */
#include "model/internal.h"

bool rs_model_iret_cs(struct rs_model *model, uint16_t selector, struct rs_segment *cs)
{
    uint32_t error = rs_selector_error(selector, 0);
    uint8_t rpl = selector & SELECTOR_RPL;
    bool conforming;

    if (rs_selector_is_null(selector))
        return rs_model_raise(model, RS_VECTOR_GP, 0, "#GP(0): the popped CS is null");
    if (!rs_model_descriptor(model, selector, 0, cs))
        return false;
    conforming = (cs->type & SEGMENT_TYPE_CONFORMING) != 0;
    if (!rs_segment_is_code(cs))
        return rs_model_raise(model, RS_VECTOR_GP, error,
                              "#GP(selector): the popped CS names no code segment");
    if (rpl < model->state->cpl)
        return rs_model_raise(model, RS_VECTOR_GP, error,
                              "#GP(selector): the popped CS has an RPL less than CPL");
    if (cs->l && cs->db)
        return rs_model_raise(model, RS_VECTOR_GP, error,
                              "#GP(selector): the popped CS has both L and D set");
    if (conforming ? cs->dpl > rpl : cs->dpl != rpl)
        return rs_model_raise(model, RS_VECTOR_GP, error,
                              conforming ? "#GP(selector): conforming CS with DPL > RPL"
                                         : "#GP(selector): CS with DPL other than RPL");
    if (!cs->p)
        return rs_model_raise(model, RS_VECTOR_NP, error,
                              "#NP(selector): the popped CS is not present");
    cs->type |= SEGMENT_TYPE_ACCESSED;
    return true;
}

/* A null SS is for 64-bit code of CPL 0 to 2 only. */
static bool load_null_ss(struct rs_model *model, uint16_t selector, const struct rs_segment *cs,
                         struct rs_segment *ss)
{
    uint8_t cpl = cs->selector & SELECTOR_RPL;

    if (!cs->l)
        return rs_model_raise(model, RS_VECTOR_GP, 0,
                              "#GP(0): the popped SS is null, CS is not 64-bit");
    if (cpl == 3)
        return rs_model_raise(model, RS_VECTOR_GP, 0, "#GP(0): the popped SS is null, CPL is 3");
    if ((selector & SELECTOR_RPL) != cpl)
        return rs_model_raise(model, RS_VECTOR_GP, 0,
                              "#GP(0): the popped SS is null, its RPL is not the new CPL");
    *ss = (struct rs_segment){.selector = selector, .dpl = cpl, .unusable = true};
    return true;
}

bool rs_model_iret_ss(struct rs_model *model, uint16_t selector, const struct rs_segment *cs,
                      struct rs_segment *ss)
{
    uint32_t error = rs_selector_error(selector, 0);
    uint8_t cpl = cs->selector & SELECTOR_RPL;

    if (rs_selector_is_null(selector))
        return load_null_ss(model, selector, cs, ss);
    if (!rs_model_descriptor(model, selector, 0, ss))
        return false;
    if ((selector & SELECTOR_RPL) != cpl)
        return rs_model_raise(model, RS_VECTOR_GP, error,
                              "#GP(selector): RPL of the popped SS is not that of CS");
    if (!ss->s || rs_segment_is_code(ss) || !(ss->type & SEGMENT_TYPE_WRITABLE))
        return rs_model_raise(model, RS_VECTOR_GP, error,
                              "#GP(selector): the popped SS is no writable data segment");
    if (ss->dpl != cpl)
        return rs_model_raise(model, RS_VECTOR_GP, error,
                              "#GP(selector): DPL of the popped SS is not the RPL of CS");
    if (!ss->p)
        return rs_model_raise(model, RS_VECTOR_SS, error,
                              "#SS(selector): the popped SS is not present");
    ss->type |= SEGMENT_TYPE_ACCESSED;
    return true;
}
