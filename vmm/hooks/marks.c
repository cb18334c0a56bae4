/* SPDX-License-Identifier: MIT
 * Marks: what a trace must tell besides transitions. */
#include "internal.h"

#include <string.h>

/* Entries of tables are 8 bytes apart at least; instructions are anywhere. */
static unsigned place(uint64_t gva)
{
    return (unsigned)((gva ^ gva >> 3 ^ gva >> 11) % RS_MARKS_MEMORY);
}

void rs_marks_memory(struct rs_marks *marks, enum rs_purpose purpose, uint64_t gva,
                     const void *bytes, size_t size)
{
    struct rs_mark_memory *memory = &marks->memory[place(gva)];

    /* Once each: what is told is remembered until another address takes its place. */
    if (!marks->wanted || size == 0 || size > RS_MARKS_BYTES ||
        (memory->gva == gva && memory->size == size && memcmp(memory->bytes, bytes, size) == 0) ||
        marks->new_count == RS_MARKS_NEW)
        return;
    memory->gva = gva;
    memory->size = (uint8_t)size;
    memory->purpose = (uint8_t)purpose;
    memcpy(memory->bytes, bytes, size);
    marks->memory_version++;
    marks->new_memory[marks->new_count++] = *memory;
}

void rs_marks_forget(struct rs_marks *marks)
{
    marks->memory_version += marks->new_count;
    for (unsigned i = 0; i < marks->new_count; i++)
        marks->memory[place(marks->new_memory[i].gva)].size = 0;
    marks->new_count = 0;
    marks->found = 0;
}

static void publish(struct rs_hooks *hooks, struct rs_event *event)
{
    struct rs_record *record = rs_record_of(event);

    event->sequence = hooks->sequence++;
    event->depth = hooks->set->several ? hooks->depth : (uint16_t)hooks->set->spans.count;
    event->tsc_resume = event->tsc_exit;
    record->type = RS_RECORD_EVENT;
    record->size = sizeof(*event);
    rs_stream_publish(hooks->stream, record);
}

void rs_marks_put(struct rs_hooks *hooks, enum rs_event_kind kind, uint32_t code, uint64_t value)
{
    struct rs_event *event;

    if (!hooks->marks.wanted)
        return;
    event = rs_hooks_event(hooks, kind);
    event->code = code;
    event->value = value;
    publish(hooks, event);
}

static void put_data(struct rs_hooks *hooks, enum rs_event_kind kind, enum rs_purpose purpose,
                     uint8_t index, uint64_t gva, const void *bytes, size_t size)
{
    struct rs_event *event = rs_hooks_event(hooks, kind);

    event->purpose = (uint8_t)purpose;
    event->index = index;
    event->value = gva;
    event->data_size = (uint8_t)size;
    memcpy(event->data, bytes, size);
    publish(hooks, event);
}

void rs_marks_bytes(struct rs_hooks *hooks, enum rs_purpose purpose, uint8_t index, uint64_t gva,
                    const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        size_t part = size < RS_EVENT_DATA_MAX ? size : RS_EVENT_DATA_MAX;

        put_data(hooks, RS_EVENT_MEMORY, purpose, index, gva, bytes, part);
        gva += part;
        bytes += part;
        size -= part;
    }
}

void rs_marks_console(struct rs_hooks *hooks, const char *bytes, size_t size)
{
    while (hooks->marks.wanted && size > 0) {
        size_t part = size < RS_EVENT_DATA_MAX ? size : RS_EVENT_DATA_MAX;

        put_data(hooks, RS_EVENT_CONSOLE, RS_PURPOSE_TABLE, 0, 0, bytes, part);
        bytes += part;
        size -= part;
    }
}

struct rs_mark_registers rs_marks_registers(struct rs_vcpu *vcpu)
{
    const struct kvm_sregs *sregs = rs_vcpu_sregs(vcpu);

    return (struct rs_mark_registers){
        .cr0 = sregs->cr0,
        .cr4 = sregs->cr4,
        .efer = sregs->efer,
        .gdt_base = sregs->gdt.base,
        .idt_base = sregs->idt.base,
        .tr_base = sregs->tr.base,
        .gdt_limit = sregs->gdt.limit,
        .idt_limit = sregs->idt.limit,
        .tr_limit = sregs->tr.limit,
        .tr_selector = sregs->tr.selector,
    };
}

static bool state_holds(const struct rs_hooks *hooks, const struct kvm_sregs *sregs)
{
    const struct rs_mark_registers *told = &hooks->marks.registers;

    return hooks->marks.state_told && !hooks->marks.msrs_changed &&
           told->gdt_base == sregs->gdt.base && told->idt_base == sregs->idt.base &&
           told->tr_base == sregs->tr.base && told->cr0 == sregs->cr0 && told->cr4 == sregs->cr4 &&
           told->efer == sregs->efer && told->gdt_limit == sregs->gdt.limit &&
           told->idt_limit == sregs->idt.limit;
}

static void put_state(struct rs_hooks *hooks)
{
    struct rs_mark_registers now = rs_marks_registers(hooks->vcpu);
    struct rs_event *event = rs_hooks_event(hooks, RS_EVENT_STATE);

    event->star = hooks->star;
    event->lstar = hooks->lstar;
    event->cstar = hooks->cstar;
    event->fmask = hooks->fmask;
    event->efer = now.efer;
    event->cr0 = now.cr0;
    event->cr4 = now.cr4;
    event->gdt_base = now.gdt_base;
    event->idt_base = now.idt_base;
    event->tr_base = now.tr_base;
    event->gdt_limit = now.gdt_limit;
    event->idt_limit = now.idt_limit;
    event->tr_limit = now.tr_limit;
    event->tr_selector = now.tr_selector;
    publish(hooks, event);
    hooks->marks.registers = now;
    hooks->marks.state_told = true;
    hooks->marks.msrs_changed = false;
}

static void put_cr3(struct rs_hooks *hooks)
{
    struct rs_event *event = rs_hooks_event(hooks, RS_EVENT_CR3);

    event->value = hooks->marks.cr3;
    hooks->marks.cr3 = event->cr3;
    publish(hooks, event);
}

static void put_memory(struct rs_hooks *hooks)
{
    struct rs_marks *marks = &hooks->marks;

    for (unsigned i = 0; i < marks->new_count; i++) {
        const struct rs_mark_memory *memory = &marks->new_memory[i];

        put_data(hooks, RS_EVENT_MEMORY, (enum rs_purpose)memory->purpose, 0, memory->gva,
                 memory->bytes, memory->size);
    }
    marks->new_count = 0;
}

static unsigned row_of(const struct rs_event *event)
{
    return event->kind == RS_EVENT_SYSCALL || event->kind == RS_EVENT_WRMSR ||
                   event->kind == RS_EVENT_RDMSR
               ? RS_VECTOR_COUNT
               : event->vector;
}

static uint32_t untold(const struct rs_marks *marks, const struct rs_event *event)
{
    return event->deviations & ~(uint32_t)marks->deviations_told[row_of(event)];
}

static void put_finding(struct rs_hooks *hooks, enum rs_event_kind kind,
                        const struct rs_event *transition, unsigned bit)
{
    const struct rs_marks *marks = &hooks->marks;
    struct rs_event *event = rs_hooks_event(hooks, kind);
    bool found = marks->found & (1u << bit);

    event->code = bit;
    event->entry_kind = transition->kind;
    event->vector = transition->vector;
    event->expected = found ? marks->expected[bit] : 0;
    event->actual = found ? marks->actual[bit] : 0;
    publish(hooks, event);
}

static void put_findings(struct rs_hooks *hooks, const struct rs_event *transition)
{
    struct rs_marks *marks = &hooks->marks;
    unsigned row = row_of(transition);

    for (uint32_t bits = untold(marks, transition); bits; bits &= bits - 1)
        put_finding(hooks, RS_EVENT_DEVIATION, transition, (unsigned)__builtin_ctz(bits));
    if (transition->flags & RS_EVENT_REPAIRED)
        for (uint32_t bits = transition->deviations & ~(uint32_t)marks->repairs_told[row]; bits;
             bits &= bits - 1)
            put_finding(hooks, RS_EVENT_REPAIR, transition, (unsigned)__builtin_ctz(bits));
    marks->deviations_told[row] |= (uint16_t)transition->deviations;
    if (transition->flags & RS_EVENT_REPAIRED)
        marks->repairs_told[row] |= (uint16_t)transition->deviations;
}

/* What there is to tell, as bits. MSR accesses need no state, and change it one by one. */
#define TELL_CR3 0x1
#define TELL_STATE 0x2
#define TELL_MEMORY 0x4
#define TELL_FINDINGS 0x8
#define TELL_ARGUMENTS 0x10

static unsigned untold_marks(const struct rs_hooks *hooks, const struct rs_event *event)
{
    const struct rs_marks *marks = &hooks->marks;

    return (event->cr3 != marks->cr3 ? TELL_CR3 : 0) |
           (rs_event_group(event->kind) == RS_GROUP_MSR ||
                    state_holds(hooks, rs_vcpu_sregs(hooks->vcpu))
                ? 0
                : TELL_STATE) |
           (marks->new_count ? TELL_MEMORY : 0) | (untold(marks, event) ? TELL_FINDINGS : 0);
}

struct rs_event *rs_marks_before(struct rs_hooks *hooks, struct rs_event *event)
{
    struct rs_marks *marks = &hooks->marks;
    unsigned tell = marks->wanted ? untold_marks(hooks, event) : 0;
    struct rs_event transition;

    if (rs_arguments_wanted(hooks, event))
        tell |= TELL_ARGUMENTS;
    if (tell) {
        transition = *event;
        if (tell & TELL_CR3)
            put_cr3(hooks);
        if (tell & TELL_STATE)
            put_state(hooks);
        if (tell & TELL_MEMORY)
            put_memory(hooks);
        if (tell & TELL_FINDINGS)
            put_findings(hooks, &transition);
        if (tell & TELL_ARGUMENTS)
            rs_arguments_put(hooks, &transition);
        event = &rs_stream_reserve(hooks->stream)->event;
        *event = transition;
    }
    marks->found = 0;
    return event;
}
