/* SPDX-License-Identifier: MIT
 * The lines of a part of the trace: which of them are the test's own, and which came by the way. */
#include "transitions.h"

#include <stdlib.h>
#include <string.h>

#define OMITTED '\0'

struct choice {
    const struct rs_transitions *transitions;
    const struct rs_part *part; /* NULL: everything */
    size_t begin, end;
    char *letters; /* of each line from `begin` on */
};

static const struct rs_transition *at(const struct choice *choice, size_t index)
{
    return &choice->transitions->lines[index];
}

/* The thread between the marks of system calls is on the vCPU of the mark, or of a later return
 * from what was entered since. */
static void choose_vcpu(struct choice *choice)
{
    unsigned vcpu;

    if (!choice->part || !choice->part->by_call)
        return;
    vcpu = choice->part->vcpu;
    for (size_t i = choice->begin; i < choice->end; i++) {
        const struct rs_transition *line = at(choice, i);

        if (line->entry != SIZE_MAX && line->entry >= choice->begin &&
            choice->letters[line->entry - choice->begin] != OMITTED)
            vcpu = line->vcpu;
        if (line->vcpu != vcpu)
            choice->letters[i - choice->begin] = OMITTED;
    }
}

/* A bug check stops the processors that it did not happen on: an NMI on another vCPU than the one
 * that the last system call came from. */
static void omit_freezes(struct choice *choice)
{
    int caller = -1;

    for (size_t i = choice->begin; i < choice->end; i++) {
        const struct rs_transition *line = at(choice, i);

        if (choice->letters[i - choice->begin] == OMITTED)
            continue;
        if (line->kind == RS_EVENT_SYSCALL)
            caller = line->vcpu;
        if (line->kind == RS_EVENT_NMI && caller >= 0 && line->vcpu != caller)
            choice->letters[i - choice->begin] = OMITTED;
    }
}

static void tell_apart(struct choice *choice)
{
    for (size_t i = choice->begin; i < choice->end; i++) {
        const struct rs_transition *line = at(choice, i);
        char *own = &choice->letters[i - choice->begin], *entry, letter;

        if (rs_event_direction(line->kind) != RS_DIRECTION_RETURN || *own == OMITTED)
            continue;
        if (line->entry == SIZE_MAX || line->entry < choice->begin) {
            if (!choice->part || !choice->part->by_call)
                *own = OMITTED; /* of what was entered before */
            continue;
        }
        entry = &choice->letters[line->entry - choice->begin];
        if (at(choice, line->entry)->kind == RS_EVENT_INTERRUPT)
            letter = RS_LINE_INTERRUPT;
        else if (line->restarts)
            letter = RS_LINE_PAGE_FAULT;
        else
            continue;
        *own = letter;
        if (*entry != OMITTED)
            *entry = letter;
    }
}

void rs_transitions_write(const struct rs_transitions *transitions, const struct rs_part *part,
                          FILE *out)
{
    struct choice choice = {
        .transitions = transitions,
        .part = part,
        .begin = part ? part->begin : 0,
        .end = part && part->end != SIZE_MAX ? part->end : transitions->count,
    };

    choice.letters = malloc(choice.end - choice.begin + 1);
    if (!choice.letters)
        return;
    memset(choice.letters, RS_LINE_PLAIN, choice.end - choice.begin);
    choose_vcpu(&choice);
    omit_freezes(&choice);
    tell_apart(&choice);
    for (size_t i = choice.begin; i < choice.end; i++)
        if (choice.letters[i - choice.begin] != OMITTED)
            fprintf(out, "%c%s\n", choice.letters[i - choice.begin], at(&choice, i)->text);
    free(choice.letters);
}
