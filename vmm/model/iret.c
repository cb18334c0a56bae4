/* SPDX-License-Identifier: MIT
 * IRET in IA-32e mode. */
#include "model/internal.h"

/*
 * SDM Vol. 2A, "IRET/IRETD/IRETQ - Interrupt Return": Operation, IA-32e-MODE and what follows it,
 * and "64-Bit Mode Exceptions". Where the Operation leaves the order of checks open it is here:
 * pops, CS, SS, RIP.
 */

struct popped {
    uint64_t rip, rflags, rsp;
    uint16_t cs, ss;
    bool has_stack; /* RSP and SS were popped too */
};

/* Bytes of one stack slot: IRETD, IRETQ, IRETW. */
static unsigned slot_size(const struct rs_cause *cause)
{
    static const uint8_t sizes[] = {4, 8, 2};

    return cause->operand < sizeof(sizes) ? sizes[cause->operand] : 8;
}

/* Outside 64-bit mode the stack has a base, and a pointer of 32 or 16 bits. */
static uint64_t stack_address(const struct rs_cpu_state *state, uint64_t rsp)
{
    if (state->cs.l)
        return rsp;
    return (state->ss.base + (rsp & (state->ss.db ? UINT32_MAX : UINT16_MAX))) & UINT32_MAX;
}

#define SLOTS 5 /* RIP, CS, RFLAGS, RSP, SS */

struct frame {
    unsigned size; /* of a slot */
    bool is_read;  /* all of it: what IRETQ from 64-bit code nearly always finds */
    uint64_t slots[SLOTS];
};

static void read_frame(struct rs_model *model, unsigned size, struct frame *frame)
{
    const struct rs_cpu_state *state = model->state;

    frame->size = size;
    frame->is_read =
        size == sizeof(frame->slots[0]) && state->cs.l &&
        rs_model_read_at_once(model, state->gpr[RS_RSP], frame->slots, sizeof(frame->slots));
}

/* Reads slot number `index` of the frame at RSP. */
static bool pop(struct rs_model *model, const struct frame *frame, unsigned index, uint64_t *value)
{
    const struct rs_cpu_state *state = model->state;
    unsigned size = frame->size;
    uint64_t address = stack_address(state, state->gpr[RS_RSP] + (uint64_t)index * size);
    uint8_t bytes[8] = {0};

    if (frame->is_read) {
        *value = frame->slots[index];
        return true;
    }
    if (!rs_model_canonical(model, address) || !rs_model_canonical(model, address + size - 1))
        return rs_model_raise(model, RS_VECTOR_SS, 0,
                              "#SS(0): the frame is at a non-canonical address");
    if (!rs_model_read(model, address, bytes, size, state->cpl == 3 ? PF_ERROR_U : 0))
        return false;
    *value = 0;
    for (unsigned i = size; i-- > 0;)
        *value = *value << 8 | bytes[i];
    return true;
}

static bool pop_frame(struct rs_model *model, unsigned size, struct popped *popped)
{
    const struct rs_cpu_state *state = model->state;
    uint64_t cs = 0, ss = 0;
    struct frame frame;

    read_frame(model, size, &frame);
    if (!pop(model, &frame, 0, &popped->rip) || !pop(model, &frame, 1, &cs) ||
        !pop(model, &frame, 2, &popped->rflags))
        return false;
    popped->cs = (uint16_t)cs;
    rs_model_step(model, "pop RIP", popped->rip);
    rs_model_step(model, "pop CS", popped->cs);
    rs_model_step(model, "pop RFLAGS", popped->rflags);
    popped->has_stack = state->cs.l || (popped->cs & SELECTOR_RPL) > state->cpl;
    if (!popped->has_stack) {
        popped->rsp = state->gpr[RS_RSP] + 3u * size;
        return true;
    }
    if (!pop(model, &frame, 3, &popped->rsp) || !pop(model, &frame, 4, &ss))
        return false;
    popped->ss = (uint16_t)ss;
    rs_model_step(model, "pop RSP", popped->rsp);
    rs_model_step(model, "pop SS", popped->ss);
    return true;
}

static bool check_rip(struct rs_model *model, const struct rs_segment *cs, uint64_t *rip)
{
    if (cs->l) {
        if (!rs_model_canonical(model, *rip))
            return rs_model_raise(model, RS_VECTOR_GP, 0,
                                  "#GP(0): the popped RIP is not canonical");
        return true;
    }
    *rip &= UINT32_MAX;
    if (*rip > cs->limit)
        return rs_model_raise(model, RS_VECTOR_GP, 0,
                              "#GP(0): the popped EIP is outside the code segment");
    return true;
}

/* The flags that the old CPL and IOPL let IRET change. */
static uint64_t writable_flags(const struct rs_cpu_state *state, unsigned size)
{
    uint64_t iopl = (state->rflags & RFLAGS_IOPL) >> RFLAGS_IOPL_SHIFT;
    uint64_t flags = RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_TF |
                     RFLAGS_DF | RFLAGS_OF | RFLAGS_NT;

    if (size > 2)
        flags |= RFLAGS_RF | RFLAGS_AC | RFLAGS_ID;
    if (state->cpl <= iopl)
        flags |= RFLAGS_IF;
    if (state->cpl == 0)
        flags |= RFLAGS_IOPL;
    if (state->cpl == 0 && size > 2)
        flags |= RFLAGS_VIF | RFLAGS_VIP;
    return flags;
}

static void load_flags(struct rs_model *model, const struct popped *popped, unsigned size)
{
    struct rs_cpu_state *state = model->state;
    uint64_t writable = writable_flags(state, size);

    state->rflags = (state->rflags & ~writable) | (popped->rflags & writable) | RFLAGS_FIXED;
    /* RF not popped (IRETW) ends with the instruction. */
    if (size == 2)
        state->rflags &= ~RFLAGS_RF;
    rs_model_step(model, "RFLAGS <- popped flags that CPL and IOPL let change", state->rflags);
}

/* The width of RSP is the new code's: 64-bit code takes all of it, other code what SS.B says. */
static uint64_t loaded_rsp(const struct rs_cpu_state *state, uint64_t old, uint64_t popped)
{
    if (state->cs.l)
        return popped;
    if (state->ss.db)
        return popped & UINT32_MAX;
    return (old & UINT64_C(0xffff0000)) | (popped & UINT16_MAX);
}

bool rs_model_iret(struct rs_model *model, const struct rs_cause *cause)
{
    struct rs_cpu_state *state = model->state;
    unsigned size = slot_size(cause);
    struct rs_segment cs, ss = state->ss;
    struct popped popped = {0};

    /* NMIs are unmasked even when IRET faults: SDM Vol. 2A, IRET, description. */
    state->nmi_blocked = false;
    if (state->rflags & RFLAGS_NT)
        return rs_model_raise(model, RS_VECTOR_GP, 0, "#GP(0): RFLAGS.NT is 1 in IA-32e mode");
    if (!pop_frame(model, size, &popped) || !rs_model_iret_cs(model, popped.cs, &cs))
        return false;
    if (popped.has_stack && !rs_model_iret_ss(model, popped.ss, &cs, &ss))
        return false;
    if (!check_rip(model, &cs, &popped.rip))
        return false;
    load_flags(model, &popped, size);
    state->cs = cs;
    state->ss = ss;
    state->cpl = cs.selector & SELECTOR_RPL;
    state->rip = popped.rip;
    state->gpr[RS_RSP] = loaded_rsp(state, state->gpr[RS_RSP], popped.rsp);
    rs_model_step(model, "CPL <- RPL of the popped CS", state->cpl);
    rs_model_step(model, "RIP <- popped RIP", state->rip);
    rs_model_step(model, "RSP <- popped RSP, or past the frame", state->gpr[RS_RSP]);
    return true;
}
