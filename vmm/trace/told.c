/* SPDX-License-Identifier: MIT
 * What the marks of a trace have told so far. */
#include "told.h"

#include <string.h>

static unsigned place(uint64_t gva)
{
    return (unsigned)((gva ^ gva >> 3 ^ gva >> 12) % RS_TOLD_MEMORY);
}

static void keep_memory(struct rs_told *told, const struct rs_event *event)
{
    struct rs_told_memory *memory = &told->memory[place(event->value)];

    if (event->data_size > RS_TOLD_BYTES)
        return;
    memory->gva = event->value;
    memory->size = event->data_size;
    memcpy(memory->bytes, event->data, event->data_size);
}

/* A long one comes in several parts. */
static void keep_argument(struct rs_told *told, const struct rs_event *event)
{
    struct rs_told_argument *argument;

    if (event->index >= RS_EVENT_ARGS)
        return;
    argument = &told->arguments[event->index];
    if (argument->size + event->data_size > RS_TOLD_ARGUMENT_MAX)
        return;
    memcpy(argument->bytes + argument->size, event->data, event->data_size);
    argument->size += event->data_size;
}

static void keep_finding(struct rs_told *told, const struct rs_event *event)
{
    if (told->finding_count == RS_TOLD_FINDINGS)
        return;
    told->findings[told->finding_count++] = (struct rs_told_finding){
        .kind = event->entry_kind,
        .vector = event->vector,
        .bit = (uint8_t)event->code,
        .expected = event->expected,
        .actual = event->actual,
    };
}

const struct rs_told_finding *
rs_told_finding(const struct rs_told *told, const struct rs_event *event, enum rs_deviation_bit bit)
{
    for (unsigned i = 0; i < told->finding_count; i++)
        if (told->findings[i].bit == bit && told->findings[i].kind == event->kind &&
            told->findings[i].vector == event->vector)
            return &told->findings[i];
    return NULL;
}

void rs_told_mark(struct rs_told *told, const struct rs_event *event)
{
    switch (event->kind) {
    case RS_EVENT_START:
        told->vendor = event->code == RS_VENDOR_AMD ? RS_VENDOR_AMD : RS_VENDOR_INTEL;
        break;
    case RS_EVENT_DEVIATION:
        keep_finding(told, event);
        break;
    case RS_EVENT_CR3:
        told->cr3 = event->cr3;
        break;
    case RS_EVENT_STATE:
        told->state = *event;
        told->has_state = true;
        break;
    case RS_EVENT_MEMORY:
        if (event->purpose == RS_PURPOSE_TABLE || event->purpose == RS_PURPOSE_INSTRUCTION)
            keep_memory(told, event);
        else
            keep_argument(told, event);
        break;
    default:
        break;
    }
}

void rs_told_forget_arguments(struct rs_told *told)
{
    for (unsigned i = 0; i < RS_EVENT_ARGS; i++)
        told->arguments[i].size = 0;
}

size_t rs_told_at(const struct rs_told *told, uint64_t gva, uint8_t bytes[RS_TOLD_BYTES])
{
    const struct rs_told_memory *memory = &told->memory[place(gva)];

    if (memory->gva != gva)
        return 0;
    memcpy(bytes, memory->bytes, memory->size);
    return memory->size;
}

/* Entries are told as the processor reads them, at their own address. */
bool rs_told_read(const struct rs_told *told, uint64_t gva, void *bytes, size_t size)
{
    uint8_t *at = bytes;
    uint8_t part[RS_TOLD_BYTES];

    while (size > 0) {
        size_t have = rs_told_at(told, gva, part);

        if (have == 0)
            return false;
        if (have > size)
            have = size;
        memcpy(at, part, have);
        at += have;
        gva += have;
        size -= have;
    }
    return true;
}
