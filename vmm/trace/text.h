/* SPDX-License-Identifier: MIT
 * One event, one line of text, in strace's manner. */
#ifndef RINGSCOPE_TEXT_H
#define RINGSCOPE_TEXT_H

#include "clock.h"
#include "symbols/symbols.h"
#include "told.h"

#include <ringscope/event.h>
#include <stdbool.h>
#include <stdio.h>

enum rs_text_time {
    RS_TIME_NONE,
    RS_TIME_SECONDS,
    RS_TIME_MICROSECONDS,
    RS_TIME_EPOCH
};

#define RS_TEXT_OPEN_MAX 64 /* the innermost of more are not remembered */

struct rs_text {
    FILE *file;                       /* not owned */
    enum rs_text_time time;           /* -t, -tt, -ttt */
    bool relative;                    /* -r: since the line before */
    const struct rs_symbols *symbols; /* NULL: addresses are numbers */
    bool lines;                       /* -k: file and line behind addresses */
    bool durations;                   /* -T */
    bool marks;                       /* --marks: lines for what is no transition */
    bool verbose;       /* -v: gate, stacks and instruction of exceptions, argument names */
    bool explain;       /* the model's steps below each transition */
    unsigned cpu_count; /* above 1: each line names its vCPU; 0: one */
    struct rs_told
        *told; /* not owned; of each vCPU; NULL: pointers and instructions are not shown */
    uint64_t empty_span; /* ticks, taken off durations */
    bool colour;
    bool emulated; /* times are marked: they mean nothing to a person */
    struct rs_clock clock;
    uint64_t previous_tsc; /* 0: no line yet */
    /* Entries that were printed and have not returned. */
    size_t open_count;
    struct rs_text_open {
        uint64_t sequence;
        uint32_t code;
        uint16_t kind;
        uint8_t vector, vcpu;
    } open[RS_TEXT_OPEN_MAX];
};

/* At the end: a line for each entry that never returned, as strace has it. */
void rs_text_end(struct rs_text *text);

/* An event that is not to be printed: only what it tells counts. */
void rs_text_pass(struct rs_text *text, const struct rs_event *event);

void rs_text_event(struct rs_text *text, const struct rs_event *event);

/* "NtClose(0x4)" of a SYSCALL event. */
void rs_text_call(const struct rs_event *event, char *buffer, size_t size);
/* "NtClose" or "service 0x1d7" of an EAX. */
void rs_text_service(uint32_t eax, char *buffer, size_t size);

#endif
