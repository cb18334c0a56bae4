/* SPDX-License-Identifier: MIT
 * What must come of a case: the model, transition by transition, until it fetches from where there
 * is no memory. */
#include "predict.h"
#include "deviations.h"

#include <string.h>

static bool overlap(uint64_t gva, size_t size, uint64_t base, uint64_t limit)
{
    return gva <= base + limit && base < gva + size;
}

/* A frame over what delivers it: hosts part on whether it is written before the last check. */
static bool is_over_tables(const struct rs_cpu_state *state, uint64_t gva, size_t size)
{
    return overlap(gva, size, state->tr.base, TSS64_SIZE - 1) ||
           overlap(gva, size, state->idt.base, state->idt.limit);
}

/* The frame goes into memory: what follows may pop it. */
static void keep_frame(struct rs_fuzz_path *run, const struct rs_model_result *result)
{
    struct rs_fuzz_prediction *prediction = run->prediction;
    size_t size = result->frame_count * sizeof(result->frame[0]);
    bool ss_or_null = prediction->ss_or_null;
    struct rs_fuzz_frame *frame;

    if (size == 0 || result->after.cpl != run->step->before.cpl)
        prediction->ss_or_null = false;
    else
        prediction->ss_or_null |= result->ist != 0;
    if (size == 0)
        return;
    if (rs_fuzz_page_of(result->frame_gva) != RS_PAGE_RAM ||
        rs_fuzz_page_of(result->frame_gva + size - 1) != RS_PAGE_RAM ||
        is_over_tables(&run->one->before, result->frame_gva, size)) {
        run->outside = true;
        return;
    }
    /* A handler that raises what leads to itself leaves a frame each time: the last will do. */
    prediction->fell |= prediction->frame_count == FUZZ_FRAMES_MAX;
    if (!prediction->fell)
        prediction->frame_count++;
    frame = &prediction->frames[prediction->frame_count - 1];
    frame->gva = result->frame_gva;
    frame->count = result->frame_count;
    frame->ss_or_null = ss_or_null;
    frame->cpl = run->step->before.cpl;
    memcpy(frame->words, result->frame, size);
}

static struct rs_cause event_cause(const struct rs_fuzz_case *one)
{
    static const enum rs_cause_kind kinds[] = {
        [RS_FUZZ_NMI] = RS_CAUSE_NMI,
        [RS_FUZZ_INTERRUPT] = RS_CAUSE_INTERRUPT,
        [RS_FUZZ_INJECTED] = RS_CAUSE_EXCEPTION,
    };

    return (struct rs_cause){
        .kind = kinds[one->event],
        .vector = one->vector,
        .has_error_code = one->has_error_code,
        .error_code = one->error_code,
    };
}

static void deviate(struct rs_fuzz_path *run, struct rs_fuzz_step *step, bool after)
{
    for (unsigned i = 0; run->departing && i < rs_deviation_count; i++) {
        bool (*change)(struct rs_fuzz_step *) =
            after ? rs_deviations[i].after : rs_deviations[i].before;

        if (!(run->mask >> i & 1) || !change)
            continue;
        step->deviation = rs_fuzz_bit(i);
        step->lost = run->departing->lost[i];
        step->extra = run->departing->extra[i];
        if (change(step))
            run->prediction->applied |= rs_fuzz_bit(i);
    }
}

/* The first thing that went wrong in the model's last run, as an exception to be delivered. */
static bool first_fault(const struct rs_model_result *result, struct rs_cause *cause)
{
    static const struct {
        const char *name;
        uint8_t vector;
    } names[] = {{"#UD", RS_VECTOR_UD}, {"#GP", RS_VECTOR_GP}, {"#NP", RS_VECTOR_NP},
                 {"#SS", RS_VECTOR_SS}, {"#TS", RS_VECTOR_TS}, {"#PF", RS_VECTOR_PF}};

    for (unsigned i = 0; i < result->step_count; i++) {
        const struct rs_model_step *step = &result->steps[i];

        for (unsigned j = 0; step->text[0] == '#' && j < sizeof(names) / sizeof(names[0]); j++) {
            if (strncmp(step->text, names[j].name, 3) != 0)
                continue;
            *cause = (struct rs_cause){
                .kind = RS_CAUSE_EXCEPTION,
                .vector = names[j].vector,
                .has_error_code = rs_exception_has_error_code(names[j].vector),
                .error_code = (uint32_t)step->value,
                .cr2 = step[1].value, /* read for #PF alone, whose next step it is */
            };
            return true;
        }
    }
    return false;
}

static void ask_model(struct rs_fuzz_path *run, struct rs_fuzz_step *step)
{
    step->selectors = 0;
    step->absent_ss = false;
    rs_model_run(&run->env, &step->before, &step->cause, step->result);
}

/* An instruction that faults by itself: what it raises is delivered as any exception is, and may
 * depart as any does. */
static void raise_own(struct rs_fuzz_path *run, struct rs_fuzz_step *step)
{
    enum rs_cause_kind kind = step->cause.kind;
    bool own = kind == RS_CAUSE_SYSCALL || kind == RS_CAUSE_SYSRET || kind == RS_CAUSE_IRET ||
               (kind == RS_CAUSE_INTO && step->before.cs.l);

    if (!own || step->is_event)
        return;
    ask_model(run, step);
    if (step->result->outcome == RS_MODEL_DONE || !first_fault(step->result, &step->cause))
        return;
    if (run->trace)
        run->trace(run->context, step);
    step->raised = true;
    step->of_iret = kind == RS_CAUSE_IRET;
    step->popped_pf = step->of_iret && step->cause.vector == RS_VECTOR_PF;
    step->popped_cr2 = step->cause.cr2;
    deviate(run, step, false);
}

static void transition(struct rs_fuzz_path *run, struct rs_fuzz_step *step)
{
    struct rs_fuzz_prediction *prediction = run->prediction;

    raise_own(run, step);
    if (step->wild) {
        prediction->end = RS_FUZZ_WILD;
        return;
    }
    ask_model(run, step);
    deviate(run, step, true);
    if (step->again) {
        ask_model(run, step);
        deviate(run, step, true);
    }
    if (step->offset && step->result->after.rip == FUZZ_ANY_RIP)
        step->result->after.rip = step->offset;
    if (run->trace)
        run->trace(run->context, step);
    if (step->wild)
        prediction->end = RS_FUZZ_WILD;
    else if (step->result->outcome == RS_MODEL_SHUTDOWN)
        prediction->end = RS_FUZZ_SHUTDOWN;
    else
        keep_frame(run, step->result);
    if (step->result->after.cr2 != prediction->state.cr2)
        prediction->popped = step->popped_pf && step->result->after.cr2 == step->popped_cr2;
    prediction->shows_ss = step->shows_ss;
    prediction->state = step->result->after;
    /* Nothing loads these: deviations may have taken them for others. */
    prediction->state.gdt = run->one->before.gdt;
    prediction->state.efer = run->one->before.efer;
    prediction->state.ldt_base = run->one->before.ldt_base;
    prediction->state.ldt_limit = run->one->before.ldt_limit;
    prediction->state.tr = run->one->before.tr;
}

/* In which order it is read, and so which part of it faults first, is the processor's own affair.
 */
static bool is_in_pieces(const struct rs_fuzz_step *step)
{
    static const uint8_t sizes[] = {4, 8, 2};
    uint64_t first = step->before.gpr[RS_RSP];
    uint64_t last = first + 5u * sizes[step->cause.operand] - 1;

    if (!step->before.cs.l)
        return false;
    return (rs_fuzz_page_of(first) == RS_PAGE_UNMAPPED) !=
               (rs_fuzz_page_of(last) == RS_PAGE_UNMAPPED) ||
           rs_is_canonical(first, false) != rs_is_canonical(last, false);
}

/* In 16-bit code the prefix 66h makes IRETD of IRETW: SDM Vol. 1, "Operand-Size and Address-Size
 * Attributes". */
static void set_operand(struct rs_fuzz_step *step)
{
    if (!step->before.cs.l && !step->before.cs.db)
        step->cause.operand ^= 2;
}

static void find_popped(struct rs_fuzz_path *run, struct rs_fuzz_step *step)
{
    static const uint8_t sizes[] = {4, 8, 2};
    uint64_t *const words[] = {&step->popped.rip, NULL, &step->popped.rflags, &step->popped.rsp,
                               NULL};
    uint16_t *const selectors[] = {NULL, &step->popped.cs, NULL, NULL, &step->popped.ss};
    unsigned size = sizes[step->cause.operand];

    for (unsigned i = 0; i < 5; i++) {
        uint64_t address = step->before.gpr[RS_RSP] + i * size;

        if (words[i])
            rs_fuzz_read(run, address, words[i], size);
        else
            rs_fuzz_read(run, address, selectors[i], sizeof(*selectors[i]));
    }
}

/* Fills the step with what comes next. Returns the length of an instruction that completes. */
static size_t find_cause(struct rs_fuzz_path *run, struct rs_fuzz_step *step, struct rs_segment *ss)
{
    size_t length;

    if (step->index == 0 && run->one->event != RS_FUZZ_NO_EVENT) {
        step->is_event = true;
        step->cause = event_cause(run->one);
        return 0;
    }
    if (run->traps) {
        step->cause = (struct rs_cause){.kind = RS_CAUSE_EXCEPTION, .vector = RS_VECTOR_DB};
        return 0;
    }
    if (rs_fuzz_fetch(run, &step->before, &step->cause, &step->code) || !step->code) {
        step->ends = !run->outside && run->prediction->end == RS_FUZZ_FETCH;
        return 0;
    }
    if (run->eip)
        step->before.rip &= UINT32_MAX;
    if (rs_cause_from_instruction(step->code, FUZZ_SLOT_SIZE, step->before.cs.l, &step->cause)) {
        if (step->cause.kind == RS_CAUSE_IRET) {
            set_operand(step);
            find_popped(run, step);
        }
        /* Otherwise the model's own reads decide. */
        run->outside = step->cause.kind == RS_CAUSE_IRET && is_in_pieces(step);
        return 0;
    }
    length = rs_fuzz_instruction(&run->env, &step->before, step->code, &step->cause,
                                 &step->completes, ss);
    run->outside |= length == 0;
    return length;
}

static void walk(struct rs_fuzz_path *run, struct rs_fuzz_step *step)
{
    struct rs_fuzz_prediction *prediction = run->prediction;
    struct rs_segment ss = step->before.ss;
    size_t length = find_cause(run, step, &ss);

    if (run->outside)
        return;
    deviate(run, step, false);
    if (step->wild) {
        prediction->end = RS_FUZZ_WILD;
    } else if (step->refused) {
        prediction->end = RS_FUZZ_CANNOT;
        prediction->state = step->before;
    } else if (step->ends) {
        prediction->end = RS_FUZZ_FETCH;
        prediction->state = step->before;
    } else if (step->completes) {
        prediction->state = step->before;
        prediction->state.rip += length ? length : step->cause.length;
        prediction->ss_or_null &= ss.selector == step->before.ss.selector;
        prediction->state.ss = ss;
        prediction->state.rflags &= ~RFLAGS_RF;
        prediction->unknown |= step->unknown;
    } else {
        prediction->end = RS_FUZZ_UNKNOWN;
        transition(run, step);
    }
}

/* MOV to SS puts the step off until the next instruction is done: SDM Vol. 3A, "Masking Exceptions
 * and Interrupts When Switching Stacks". When that of SYSRET comes the manuals do not say. */
static bool is_stepped(struct rs_fuzz_path *run, const struct rs_fuzz_step *step)
{
    bool loads_ss = step->code && step->code[0] == 0x8e && (step->code[1] >> 3 & 7) == 2;
    bool steps = (step->before.rflags & RFLAGS_TF) != 0;

    if (!step->code || step->no_step || step->ends || step->refused ||
        run->prediction->end != RS_FUZZ_UNKNOWN)
        return false;
    if (step->completes)
        return steps && (!loads_ss || step->steps_at_once);
    if (step->raised)
        return false;
    if (rs_is_instruction(step, RS_CAUSE_SYSRET)) {
        run->outside |= steps || (run->prediction->state.rflags & RFLAGS_TF) != 0;
        return false;
    }
    return rs_model_single_step(&step->before, &step->cause, step->result);
}

static void run_step(struct rs_fuzz_path *run, unsigned index)
{
    struct rs_model_result result;
    struct rs_fuzz_step step = {.of = run->one,
                                .index = index,
                                .before = run->prediction->state,
                                .result = &result,
                                .stays = run->stays,
                                .after_native = run->native};

    run->step = &step;
    walk(run, &step);
    run->stays = step.code && step.before.cpl == 3 && run->prediction->state.cpl == 3 &&
                 run->prediction->state.cs.l &&
                 (step.completes || step.cause.kind == RS_CAUSE_IRET);
    run->native = run->stays && (step.native || (step.completes && run->native));
    run->eip = step.fetches_eip;
    run->traps = !run->outside && is_stepped(run, &step);
    run->step = NULL;
}

void rs_fuzz_predict(const struct rs_fuzz_case *one, enum rs_vendor vendor,
                     const struct rs_departing *departing, rs_fuzz_mask mask,
                     struct rs_fuzz_prediction *prediction, rs_fuzz_trace_fn trace, void *context)
{
    struct rs_fuzz_path run = {
        .one = one,
        .prediction = prediction,
        .departing = departing,
        .mask = mask,
        .trace = trace,
        .context = context,
    };
    unsigned limit = departing ? FUZZ_FALLS_MAX : FUZZ_STEPS_MAX;

    run.env = (struct rs_model_env){rs_fuzz_read, &run, vendor, true};
    prediction->state = one->before;
    prediction->frame_count = prediction->steps = 0;
    prediction->applied = 0;
    prediction->ss_or_null = prediction->popped = prediction->shows_ss = false;
    prediction->fell = prediction->stranded = false;
    prediction->unknown = 0;
    prediction->end = RS_FUZZ_UNKNOWN;
    while (prediction->steps < limit && prediction->end == RS_FUZZ_UNKNOWN && !run.outside) {
        run.falling = prediction->steps >= FUZZ_STEPS_MAX;
        run_step(&run, prediction->steps++);
    }
    if (run.outside)
        prediction->end = RS_FUZZ_UNKNOWN;
    else if (departing && prediction->end == RS_FUZZ_UNKNOWN)
        prediction->end = RS_FUZZ_SPINS;
}
