/* SPDX-License-Identifier: MIT
 * The transitions of a test: events become lines, marks become parts. */
#include "transitions.h"

#include "nt/services.h"
#include "trace/text.h"

#include <inttypes.h>
#include <ringscope/layout.h>
#include <ringscope/x86/cpu.h>
#include <ringscope/x86/vectors.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_BACK 4096 /* transitions between an entry and its return */

static bool is_mark(const struct rs_event *event)
{
    return event->kind == RS_EVENT_SYSCALL && event->code == RS_MARK_SERVICE &&
           (uint32_t)event->args[0] == RS_MARK_MAGIC;
}

static struct rs_part *open_part(struct rs_transitions *transitions)
{
    struct rs_part *last =
        transitions->part_count ? &transitions->parts[transitions->part_count - 1] : NULL;

    return last && last->end == SIZE_MAX ? last : NULL;
}

static void mark(struct rs_transitions *transitions, uint64_t number, bool begins, unsigned vcpu,
                 bool by_call)
{
    struct rs_part *open = open_part(transitions);

    if (open)
        open->end = transitions->count;
    if (begins && transitions->part_count < RS_PARTS_MAX)
        transitions->parts[transitions->part_count++] =
            (struct rs_part){number, transitions->count, SIZE_MAX, (uint8_t)vcpu, by_call};
    transitions->cut |= begins && transitions->part_count == RS_PARTS_MAX;
}

/* Where a return's entry is among the lines. */
static size_t find_entry(const struct rs_transitions *transitions, const struct rs_event *event)
{
    for (size_t i = transitions->count, far = 0; i > 0 && far < LOOK_BACK; i--, far++) {
        const struct rs_transition *line = &transitions->lines[i - 1];

        if (line->sequence == event->entry_sequence && line->vcpu == event->entry_vcpu &&
            rs_event_direction(line->kind) == RS_DIRECTION_ENTRY)
            return i - 1;
    }
    return SIZE_MAX;
}

static struct rs_transition *add(struct rs_transitions *transitions)
{
    size_t room = transitions->room ? 2 * transitions->room : 256;
    struct rs_transition *lines;

    if (transitions->count == RS_TRANSITIONS_MAX) {
        transitions->cut = true;
        return NULL;
    }
    if (transitions->count == transitions->room) {
        lines = realloc(transitions->lines, room * sizeof(*lines));
        transitions->cut |= !lines;
        if (!lines)
            return NULL;
        transitions->lines = lines;
        transitions->room = room;
    }
    return &transitions->lines[transitions->count];
}

/* On which stack a frame was pushed: by where it lies, not by what the gate says. SDM Vol. 3A,
 * "64-Bit Task State Segment (TSS)". */
static uint64_t tss_stack(const struct rs_transitions *transitions, unsigned vcpu, unsigned offset)
{
    uint64_t top = 0, at = transitions->told[vcpu].state.tr_base + offset;

    for (unsigned i = 0; i < transitions->cpu_count; i++)
        if (rs_told_read(&transitions->told[(vcpu + i) % transitions->cpu_count], at, &top,
                         sizeof(top)))
            return top;
    return 0;
}

static void put_stack(const struct rs_transitions *transitions, const struct rs_event *event,
                      FILE *out)
{
    uint64_t size = 40 + (event->flags & RS_EVENT_HAS_ERROR_CODE ? 8 : 0), top;

    for (unsigned ist = 1; ist <= 7; ist++) {
        top = tss_stack(transitions, event->vcpu, 0x24 + 8 * (ist - 1));
        if (top && event->to_rsp == (top & ~UINT64_C(15)) - size) {
            fprintf(out, " on IST%u", ist);
            return;
        }
    }
    top = event->from_cs & 3 ? tss_stack(transitions, event->vcpu, 4) : event->from_rsp;
    if (top && event->to_rsp == (top & ~UINT64_C(15)) - size)
        fprintf(out, " on %s", event->from_cs & 3 ? "RSP0" : "same");
    else
        fprintf(out, " on %#" PRIx64 ", which is no stack of the TSS", event->to_rsp);
}

static void put_ring(FILE *out, uint16_t selector)
{
    if (selector == (KGDT64_R3_CMCODE | 3))
        fprintf(out, "3 compatibility");
    else
        fprintf(out, "%u", selector & 3u);
}

static void put_subject(FILE *out, unsigned kind, uint32_t code, uint8_t vector)
{
    const char *name = kind == RS_EVENT_SYSCALL ? rs_service_name(code) : rs_vector_name(vector);

    if (kind == RS_EVENT_INT_N)
        fprintf(out, " %#x", vector);
    else if (name)
        fprintf(out, " %s", name);
    else
        fprintf(out, " %#x", kind == RS_EVENT_SYSCALL ? code & 0x1fff : vector);
}

static void put_entry(const struct rs_transitions *transitions, const struct rs_event *event,
                      FILE *out)
{
    const char *service = rs_service_name(event->code);

    put_subject(out, event->kind, event->code, event->vector);
    if (event->kind == RS_EVENT_INT_N && event->vector == RS_VECTOR_SYSSVC && service)
        fprintf(out, " %s", service);
    if (event->kind == RS_EVENT_EXCEPTION && event->flags & RS_EVENT_HAS_ERROR_CODE)
        fprintf(out, event->error_code ? "(%#x)" : "(%x)", event->error_code);
    fprintf(out, " from ");
    put_ring(out, event->from_cs);
    if (event->kind == RS_EVENT_SYSCALL)
        return;
    put_stack(transitions, event, out);
    if (event->gate_type != DESC_TYPE_INTERRUPT_GATE)
        fprintf(out, " through gate %#x", event->gate_type);
}

static void put_sysret(const struct rs_event *event, const struct rs_transition *entry, FILE *out)
{
    const char *status = rs_service_result_name(event->entry_code, event->code);

    if (status)
        fprintf(out, " = %s", status);
    else
        fprintf(out, " = 0x%x", event->code);
    if (event->to_cs != (KGDT64_R3_CODE | 3))
        fprintf(out, " to CS %#x", event->to_cs);
    if (entry && event->to_rsp != entry->from_rsp)
        fprintf(out, " with RSP %#" PRIx64 ", %#" PRIx64 " before", event->to_rsp, entry->from_rsp);
}

static bool same_ring(uint16_t left, uint16_t right)
{
    return (left & 3) == (right & 3) &&
           (left == (KGDT64_R3_CMCODE | 3)) == (right == (KGDT64_R3_CMCODE | 3));
}

static bool restarts(const struct rs_event *event, const struct rs_transition *entry)
{
    return event->kind == RS_EVENT_IRET && entry && entry->kind == RS_EVENT_EXCEPTION &&
           entry->vector == RS_VECTOR_PF && event->to_rip == entry->from_rip &&
           same_ring(event->to_cs, entry->from_cs);
}

static void put_return(const struct rs_transitions *transitions, const struct rs_event *event,
                       const struct rs_transition *entry, FILE *out)
{
    put_subject(out, event->entry_kind, event->entry_code, event->vector);
    if (event->kind == RS_EVENT_SYSRET) {
        put_sysret(event, entry, out);
        return;
    }
    if (event->to_cs & 3 && !(event->to_rflags & RFLAGS_IF))
        fprintf(out, " with IF clear");
    fprintf(out, " to ");
    if (event->to_rip == transitions->dispatcher && event->to_cs == (KGDT64_R3_CODE | 3))
        fprintf(out, "dispatcher");
    else if (restarts(event, entry))
        fprintf(out, "restart");
    else
        put_ring(out, event->to_cs);
}

/* What departs from the SDM, was not put right, and is not what doctor finds of this host. */
static void put_departures(const struct rs_transitions *transitions, const struct rs_event *event,
                           FILE *out)
{
    static const struct {
        unsigned kind;
        uint32_t deviation;
    } measured[] = {
#define X(bit, kind, deviation, id) [bit] = {RS_EVENT_##kind, RS_DEVIATION_##deviation},
        RS_MEASURED_DEPARTURES(X)
#undef X
    };
    static const char *const names[] = {
#define X(name, text) #name,
        RS_DEVIATIONS(X)
#undef X
    };
    uint32_t unknown = event->deviations;
    const char *separator = " departs: ";

    for (unsigned i = 0; i < sizeof(measured) / sizeof(measured[0]); i++)
        if (transitions->departures & 1u << i && measured[i].kind == event->kind)
            unknown &= ~measured[i].deviation;
    if (event->flags & RS_EVENT_REPAIRED)
        return;
    for (unsigned bit = 0; bit < RS_DEVIATION_COUNT; bit++) {
        if (unknown & 1u << bit) {
            fprintf(out, "%s%s", separator, names[bit]);
            separator = ", ";
        }
    }
}

static void render(const struct rs_transitions *transitions, const struct rs_event *event,
                   const struct rs_transition *entry, char *text, size_t size)
{
    static const char *const kinds[] = {
#define X(kind, group, direction, text) text,
        RS_EVENT_KINDS(X)
#undef X
    };
    FILE *out = fmemopen(text, size, "w");
    const char *msr;

    text[0] = '\0';
    if (!out)
        return;
    fprintf(out, "%s", kinds[event->kind]);
    if (rs_event_direction(event->kind) == RS_DIRECTION_RETURN) {
        put_return(transitions, event, entry, out);
    } else if (event->kind == RS_EVENT_WRMSR || event->kind == RS_EVENT_RDMSR) {
        msr = rs_msr_name(event->code);
        if (msr)
            fprintf(out, " %s", msr);
        else
            fprintf(out, " %#x", event->code);
    } else {
        put_entry(transitions, event, out);
    }
    put_departures(transitions, event, out);
    fclose(out);
    text[size - 1] = '\0';
}

void rs_transitions_take(struct rs_transitions *transitions, const struct rs_event *event)
{
    struct rs_transition *line;
    size_t entry = SIZE_MAX;

    if (rs_event_group(event->kind) == RS_GROUP_MARK || event->vcpu >= transitions->cpu_count)
        return;
    if (is_mark(event)) {
        transitions->dispatcher = event->args[3];
        mark(transitions, event->args[1], event->args[2] != 0, event->vcpu, true);
        return;
    }
    if (rs_event_direction(event->kind) == RS_DIRECTION_RETURN)
        entry = find_entry(transitions, event);
    if (entry == SIZE_MAX && rs_event_direction(event->kind) == RS_DIRECTION_RETURN &&
        event->entry_kind == RS_EVENT_SYSCALL && event->entry_code == RS_MARK_SERVICE)
        return; /* of the mark itself */
    line = add(transitions);
    if (!line)
        return;
    *line = (struct rs_transition){
        .sequence = event->sequence,
        .from_rip = event->from_rip,
        .from_rsp = event->from_rsp,
        .entry = entry,
        .kind = event->kind,
        .from_cs = event->from_cs,
        .vcpu = event->vcpu,
        .vector = event->vector,
        .restarts = restarts(event, entry == SIZE_MAX ? NULL : &transitions->lines[entry]),
    };
    render(transitions, event, entry == SIZE_MAX ? NULL : &transitions->lines[entry], line->text,
           sizeof(line->text));
    transitions->count++;
}

static void take_line(struct rs_transitions *transitions, unsigned vcpu)
{
    char what[8];
    uint64_t number;

    transitions->line[transitions->line_size] = '\0';
    if (sscanf(transitions->line, "# trace %" SCNu64 " %7s", &number, what) == 2 &&
        (strcmp(what, "begins") == 0 || strcmp(what, "ends") == 0))
        mark(transitions, number, what[0] == 'b', vcpu, false);
}

void rs_transitions_console(struct rs_transitions *transitions, unsigned vcpu, const char *text,
                            size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\n') {
            take_line(transitions, vcpu);
            transitions->line_size = 0;
        } else if (transitions->line_size < sizeof(transitions->line) - 1) {
            transitions->line[transitions->line_size++] = text[i];
        }
    }
}

void rs_transitions_free(struct rs_transitions *transitions)
{
    free(transitions->lines);
    transitions->lines = NULL;
    transitions->count = transitions->room = 0;
}

const struct rs_part *rs_transitions_part(const struct rs_transitions *transitions, uint64_t number)
{
    for (unsigned i = 0; i < transitions->part_count; i++)
        if (transitions->parts[i].number == number)
            return &transitions->parts[i];
    return NULL;
}
