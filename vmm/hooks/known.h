/* SPDX-License-Identifier: MIT
 * Transitions that the model has been asked about. */
#ifndef RINGSCOPE_HOOKS_KNOWN_H
#define RINGSCOPE_HOOKS_KNOWN_H

#include "marks.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The model is a pure function: what went into it the last time and goes into it again gives the
 * same result. A program that faults, or is interrupted, a million times does so with the same
 * tables, selectors, stack and flags; comparing those costs a fraction of a run of the model. Only
 * deliveries without a deviation and returns without a fault are kept: any other one is modelled.
 *
 * RIP, error code and the arithmetic flags of the state before a delivery are not compared, nor RSP
 * when the stack is switched: a delivery carries them over as they are, and their copies in the
 * frame are what that state was read from.
 */
#define RS_KNOWN_MAX 16 /* of each; a power of 2 */
#define RS_KNOWN_READS 4

/* The part of a CPU state that transitions change: what is checked and reported. */
struct rs_context {
    uint64_t rip, rsp, rflags, cr2;
    uint16_t cs, ss;
    uint8_t cpl;
    bool mode64; /* CS.L */
};

struct rs_known_read {
    uint64_t gva, value;
};

/* What the model read, and the registers that told it where. */
struct rs_known_tables {
    uint64_t memory_version; /* of the marks: all that was read has been told */
    struct rs_mark_registers registers;
    unsigned read_count;
    struct rs_known_read reads[RS_KNOWN_READS]; /* descriptors and stack pointers */
};

struct rs_known_delivery {
    bool valid;
    uint8_t vector, cause;
    uint64_t rip_pushed;    /* from the RIP of the state before to the one in the frame */
    uint64_t control_flags; /* RFLAGS of the state before, less the arithmetic ones */
    uint64_t changed_flags; /* and what differs in the state after */
    uint64_t gate[2];
    struct rs_context from, to; /* selectors, CPL, mode, RSP */
    struct rs_known_tables tables;
};

/* IRETQ to 64-bit code: RIP, RSP and arithmetic flags are those of the frame. */
struct rs_known_return {
    bool valid;
    uint64_t from_flags, frame_flags; /* less the arithmetic ones */
    uint64_t changed_flags;           /* from those of the frame to those of the state after */
    uint64_t frame_cs, frame_ss;
    uint64_t rip_upper;         /* bits 63:47 of RIP: canonical or not */
    struct rs_context from, to; /* selectors, CPL, mode */
    struct rs_known_tables tables;
};

#endif
