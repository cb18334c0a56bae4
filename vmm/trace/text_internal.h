/* SPDX-License-Identifier: MIT
 * Inside the printer of trace lines. */
#ifndef RINGSCOPE_TEXT_INTERNAL_H
#define RINGSCOPE_TEXT_INTERNAL_H

#include "text.h"

/* What was told by the vCPU of this event; NULL: nothing is kept. */
static inline struct rs_told *rs_text_told(const struct rs_text *text, const struct rs_event *event)
{
    unsigned count = text->cpu_count ? text->cpu_count : 1;

    return text->told && event->vcpu < count ? &text->told[event->vcpu] : NULL;
}

/* text_calls.c; `told` may be NULL: pointers stay numbers. */
void rs_text_put_call(FILE *file, const struct rs_event *event, const struct rs_told *told,
                      bool names);
void rs_text_put_result(FILE *file, const struct rs_event *event, const struct rs_told *told);

/* text_marks.c */
void rs_text_put_mark(struct rs_text *text, const struct rs_event *event);
/* -v: the instruction, the gate and the stacks of an exception or interrupt. */
void rs_text_put_details(struct rs_text *text, const struct rs_event *event);

/* text.c */
void rs_text_put_address(struct rs_text *text, const char *preposition, uint64_t address);
void rs_text_put_indent(struct rs_text *text, unsigned depth);

#endif
