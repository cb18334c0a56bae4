/* SPDX-License-Identifier: MIT
 * The transitions of a test, each as a line without addresses and times: what expectations and
 * golden files are written in. docs/testing.md has the words. */
#ifndef RINGSCOPE_SUITE_TRANSITIONS_H
#define RINGSCOPE_SUITE_TRANSITIONS_H

#include "trace/told.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A mark is a system call of an index that no table has: R10 this magic, RDX the number of the part
 * of the trace, R8 1 where it begins and 0 where it ends, R9 KiUserExceptionDispatcher. Ring 0
 * writes "# trace N begins" and "# trace N ends" on the console instead. */
#define RS_MARK_SERVICE 0xfffu
#define RS_MARK_MAGIC 0x434f4e46u

#define RS_TRANSITION_TEXT 160
#define RS_TRANSITIONS_MAX 65536 /* of one test; what comes behind them is not compared */
#define RS_PARTS_MAX 256

/* Departures that `doctor` measures, too. X(bit, kind, deviation, id) */
#define RS_MEASURED_DEPARTURES(X)                                                                  \
    X(0, SYSCALL, RFLAGS, "syscall.flags")                                                         \
    X(1, EXCEPTION, FRAME, "rf.pf.ring3")

struct rs_transition {
    char text[RS_TRANSITION_TEXT];
    uint64_t sequence, from_rip, from_rsp;
    size_t entry; /* of a return: its index, or SIZE_MAX */
    uint16_t kind, from_cs;
    uint8_t vcpu, vector;
    bool restarts; /* a return from a page fault that was served */
};

/* Between two marks; `end` SIZE_MAX: the second one never came. */
struct rs_part {
    uint64_t number;
    size_t begin, end;
    uint8_t vcpu;
    bool by_call;
};

struct rs_transitions {
    const struct rs_told *told; /* of each vCPU, as it is at each event */
    unsigned cpu_count;
    uint32_t departures; /* bits of RS_MEASURED_DEPARTURES that doctor has found on this host */
    uint64_t dispatcher; /* of the last mark */
    struct rs_transition *lines; /* owned */
    size_t count, room;
    bool cut; /* there were more, or memory was short */
    struct rs_part parts[RS_PARTS_MAX];
    unsigned part_count;
    char line[64]; /* of the console, what there is of it */
    size_t line_size;
};

void rs_transitions_take(struct rs_transitions *transitions, const struct rs_event *event);
void rs_transitions_console(struct rs_transitions *transitions, unsigned vcpu, const char *text,
                            size_t size);
void rs_transitions_free(struct rs_transitions *transitions);

/* NULL: no such part. */
const struct rs_part *rs_transitions_part(const struct rs_transitions *transitions,
                                          uint64_t number);

/* Writes the lines of a part, or with NULL of everything, on `out`, a letter before each: what may
 * come by the way is told apart from the rest. */
#define RS_LINE_PLAIN ' '
#define RS_LINE_INTERRUPT 'i'  /* an interrupt and its return */
#define RS_LINE_PAGE_FAULT 'p' /* a page fault that was served, and its return */
void rs_transitions_write(const struct rs_transitions *transitions, const struct rs_part *part,
                          FILE *out);

#endif
