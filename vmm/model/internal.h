/* SPDX-License-Identifier: MIT
 * Inside the model: one run, the exception that it raised, and the parts that transitions share. */
#ifndef RINGSCOPE_MODEL_INTERNAL_H
#define RINGSCOPE_MODEL_INTERNAL_H

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/vectors.h>

#include "model/model.h"

struct rs_fault {
    uint8_t vector;
    uint32_t error_code;
    uint64_t cr2; /* #PF */
};

struct rs_model {
    const struct rs_model_env *env;
    struct rs_cpu_state *state; /* result->after: where the transition happens. Until it completes,
                                   only CR2 and the blocking of NMIs change */
    struct rs_fault fault;      /* valid after a part returned false */
    struct rs_model_result *result;
};

/*
 * Every part below returns true when it completed, and false when it raised model->fault, with the
 * reason recorded as a step.
 */
bool rs_model_syscall(struct rs_model *model, const struct rs_cause *cause);
bool rs_model_sysret(struct rs_model *model, const struct rs_cause *cause);
bool rs_model_iret(struct rs_model *model, const struct rs_cause *cause);
/* The segments of IRET: checked and loaded into *cs and *ss. For SS, cs is the new code segment. */
bool rs_model_iret_cs(struct rs_model *model, uint16_t selector, struct rs_segment *cs);
bool rs_model_iret_ss(struct rs_model *model, uint16_t selector, const struct rs_segment *cs,
                      struct rs_segment *ss);

/* One event on its way through the IDT. */
struct rs_model_event {
    uint8_t vector;
    bool software; /* INT n, INT3, INTO: the gate's DPL is checked, EXT is 0 in error codes */
    bool has_error_code;
    uint32_t error_code;
    uint64_t rip;                  /* to push */
    uint64_t rflags;               /* to push */
    enum rs_exception_class class; /* when the delivery itself raises an exception */
};

/* EXT in the error codes of exceptions during its delivery: SDM Vol. 3A, "Error Code". */
static inline uint32_t rs_event_ext(const struct rs_model_event *event)
{
    return event->software ? 0 : SELECTOR_ERROR_EXT;
}

/* One attempt, in deliver.c: model->state becomes the handler's. */
bool rs_model_deliver(struct rs_model *model, const struct rs_model_event *event);

/* The stack pointer of the handler, aligned: SDM Vol. 3A, "Stack Switching in IA-32e Mode" and
 * "Interrupt Stack Table". cpl: the handler's. */
bool rs_model_handler_stack(struct rs_model *model, const struct rs_model_event *event,
                            const struct rs_gate *gate, uint8_t cpl, uint64_t *rsp);
/* Records the frame below rsp; 5 or 6 quadwords. Moves *rsp to its lowest one. */
bool rs_model_push_frame(struct rs_model *model, const struct rs_model_event *event, uint64_t *rsp);

/* Records a step; past the last place it is dropped. text is static. */
void rs_model_record_step(struct rs_model *model, const char *text, uint64_t value);

/* Inline, because a transition has twenty steps and hardly anyone asks for them. */
static inline void rs_model_step(struct rs_model *model, const char *text, uint64_t value)
{
    if (model->env->record_steps)
        rs_model_record_step(model, text, value);
}

/* Raises an exception; returns false. why is static and begins with the exception's mnemonic. */
bool rs_model_raise(struct rs_model *model, uint8_t vector, uint32_t error_code, const char *why);

static inline bool rs_model_canonical(const struct rs_model *model, uint64_t address)
{
    return rs_is_canonical(address, (model->state->cr4 & CR4_LA57) != 0);
}

/* Reads what lies in one page, or returns false and raises nothing: for what the processor reads
 * piece by piece, when all of it is there the pieces are. */
bool rs_model_read_at_once(struct rs_model *model, uint64_t gva, void *buffer, size_t size);

/* Raises #PF with the first address that cannot be read. pf_error: PF_ERROR_W and PF_ERROR_U. */
bool rs_model_read(struct rs_model *model, uint64_t gva, void *buffer, size_t size,
                   uint32_t pf_error);

/* Fetches and decodes a code or data descriptor. selector: not null; ext: SELECTOR_ERROR_EXT or 0.
 */
bool rs_model_descriptor(struct rs_model *model, uint16_t selector, uint32_t ext,
                         struct rs_segment *segment);

/* The error code that names a selector: SDM Vol. 3A, "Error Code". */
static inline uint32_t rs_selector_error(uint16_t selector, uint32_t ext)
{
    return (selector & 0xfffcu) | ext;
}

static inline bool rs_selector_is_null(uint16_t selector)
{
    return (selector & 0xfffc) == 0;
}

static inline bool rs_segment_is_code(const struct rs_segment *segment)
{
    return segment->s && (segment->type & SEGMENT_TYPE_CODE) != 0;
}

#endif
