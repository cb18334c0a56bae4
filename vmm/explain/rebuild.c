/* SPDX-License-Identifier: MIT
 * From an event and what was told before it to the model's input, and through the model. */
#include "explain.h"

#include <ringscope/x86/cpu.h>
#include <ringscope/x86/vectors.h>
#include <string.h>

#define SYSCALL_LENGTH 2
#define IRET_WORDS 5

/* What the model reads. A returning transition pops its own frame, which the event tells. */
struct memory {
    const struct rs_told *told;
    struct rs_explained *explained;
    uint64_t popped_gva;
    uint64_t popped[IRET_WORDS];
};

static bool in_table(const struct rs_event *state, uint64_t gva)
{
    return gva - state->idt_base <= state->idt_limit || gva - state->gdt_base <= state->gdt_limit ||
           gva - state->tr_base <= state->tr_limit;
}

/* Stacks are only tried, not read: what they hold does not matter. */
static int read_memory(void *context, uint64_t gva, void *buffer, size_t size)
{
    struct memory *memory = context;
    uint64_t offset = gva - memory->popped_gva;

    if (rs_told_read(memory->told, gva, buffer, size))
        return 0;
    if (in_table(&memory->told->state, gva)) {
        if (!memory->explained->is_missing)
            memory->explained->missing = gva;
        memory->explained->is_missing = true;
        return -1;
    }
    memset(buffer, 0, size);
    if (offset < sizeof(memory->popped) && size <= sizeof(memory->popped) - offset)
        memcpy(buffer, (const uint8_t *)memory->popped + offset, size);
    return 0;
}

static void load_segment(const struct rs_told *told, uint16_t selector, bool code,
                         struct rs_segment *segment)
{
    uint64_t raw;

    *segment = (struct rs_segment){.limit = UINT32_MAX,
                                   .selector = selector,
                                   .type = code ? 0xb : 0x3,
                                   .s = true,
                                   .p = true,
                                   .l = code,
                                   .db = !code,
                                   .g = true,
                                   .dpl = selector & 3};
    if (rs_told_read(told, told->state.gdt_base + (selector & ~7u), &raw, sizeof(raw)))
        rs_segment_decode(raw, selector, segment);
}

static void fill_state(const struct rs_event *event, const struct rs_told *told,
                       struct rs_cpu_state *state)
{
    const struct rs_event *registers = &told->state;

    *state = (struct rs_cpu_state){
        .rip = event->from_rip,
        .rflags = event->from_rflags,
        .gpr = {[RS_RSP] = event->from_rsp, [RS_RAX] = event->code},
        .cpl = event->from_cpl,
        .gdt = {registers->gdt_base, (uint16_t)registers->gdt_limit},
        .idt = {registers->idt_base, (uint16_t)registers->idt_limit},
        .tr = {.base = registers->tr_base,
               .limit = registers->tr_limit,
               .selector = registers->tr_selector,
               .type = 0xb,
               .p = true},
        .cr0 = registers->cr0,
        .cr2 = event->cr2,
        .cr3 = event->cr3,
        .cr4 = registers->cr4,
        .efer = registers->efer,
        .star = registers->star,
        .lstar = registers->lstar,
        .cstar = registers->cstar,
        .fmask = registers->fmask,
    };
    load_segment(told, event->from_cs, true, &state->cs);
    load_segment(told, event->from_ss, false, &state->ss);
}

/* The state that a return starts from: what it goes to lies in registers or on the stack. */
static void fill_return(const struct rs_event *event, struct rs_cpu_state *state,
                        struct memory *memory)
{
    const uint64_t frame[IRET_WORDS] = {event->to_rip, event->to_cs, event->to_rflags,
                                        event->to_rsp, event->to_ss};

    state->cpl = 0;
    state->cs.dpl = state->ss.dpl = 0;
    if (event->kind == RS_EVENT_SYSRET) {
        state->gpr[RS_RSP] = event->to_rsp;
        state->gpr[RS_RCX] = event->to_rip;
        state->gpr[RS_R11] = event->to_rflags;
        return;
    }
    state->rflags = RFLAGS_FIXED;
    state->gpr[RS_RSP] = memory->popped_gva = event->from_rsp;
    memcpy(memory->popped, frame, sizeof(frame));
}

/* INT n and its kin, by the instruction that was told; they may have raised another vector. */
static bool is_instruction(const struct rs_event *event, const struct rs_told *told,
                           const struct rs_cpu_state *state, struct rs_cause *cause)
{
    uint8_t bytes[RS_TOLD_BYTES];
    size_t size = rs_told_at(told, event->from_rip, bytes);

    if (size == 0 || !rs_cause_from_instruction(bytes, size, state->cs.l, cause))
        return false;
    return cause->kind == RS_CAUSE_INT_N || (cause->kind == RS_CAUSE_INT3 && event->vector == 3) ||
           (cause->kind == RS_CAUSE_ICEBP && event->vector == 1);
}

static struct rs_cause cause_of(const struct rs_event *event, const struct rs_told *told,
                                const struct rs_cpu_state *state)
{
    struct rs_cause cause;

    switch (event->kind) {
    case RS_EVENT_SYSCALL:
        return (struct rs_cause){.kind = RS_CAUSE_SYSCALL, .length = SYSCALL_LENGTH};
    case RS_EVENT_SYSRET:
        return (struct rs_cause){.kind = RS_CAUSE_SYSRET, .length = 3, .operand = 1};
    case RS_EVENT_IRET:
        return (struct rs_cause){.kind = RS_CAUSE_IRET, .length = 2, .operand = 1};
    case RS_EVENT_INT_N:
        return (struct rs_cause){.kind = RS_CAUSE_INT_N, .vector = event->vector, .length = 2};
    case RS_EVENT_NMI:
        return (struct rs_cause){.kind = RS_CAUSE_NMI};
    case RS_EVENT_INTERRUPT:
        return (struct rs_cause){.kind = RS_CAUSE_INTERRUPT, .vector = event->vector};
    default:
        break;
    }
    if (is_instruction(event, told, state, &cause))
        return cause;
    return (struct rs_cause){
        .kind = RS_CAUSE_EXCEPTION,
        .vector = event->vector,
        .has_error_code = event->flags & RS_EVENT_HAS_ERROR_CODE,
        .error_code = event->error_code,
        .cr2 = event->cr2,
    };
}

bool rs_explain(const struct rs_event *event, const struct rs_told *told,
                struct rs_explained *explained)
{
    struct memory memory = {.told = told, .explained = explained};
    struct rs_model_env env = {read_memory, &memory, told->vendor, true};
    enum rs_event_group group = rs_event_group(event->kind);

    if (!told->has_state || group == RS_GROUP_MARK || group == RS_GROUP_MSR)
        return false;
    memset(explained, 0, sizeof(*explained));
    fill_state(event, told, &explained->before);
    if (rs_event_direction(event->kind) == RS_DIRECTION_RETURN)
        fill_return(event, &explained->before, &memory);
    explained->cause = cause_of(event, told, &explained->before);
    rs_model_run(&env, &explained->before, &explained->cause, &explained->model);
    return true;
}
