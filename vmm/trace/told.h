/* SPDX-License-Identifier: MIT
 * What the marks of a trace have told so far: registers, address space, bytes of guest memory. */
#ifndef RINGSCOPE_TOLD_H
#define RINGSCOPE_TOLD_H

#include <ringscope/event.h>
#include <stdbool.h>

/*
 * The same for a running guest and for a trace that is read: a sink that sees every event of one
 * vCPU in order knows from the marks what it needs to explain the transitions between them.
 * Memory does not grow: what an address held is forgotten when another one needs its place.
 */
#define RS_TOLD_MEMORY 4096 /* a power of 2 */
#define RS_TOLD_BYTES 16    /* of each address */
#define RS_TOLD_ARGUMENT_MAX 4096
#define RS_TOLD_FINDINGS 64

struct rs_told_memory {
    uint64_t gva;
    uint8_t size; /* 0: the place is free */
    uint8_t bytes[RS_TOLD_BYTES];
};

struct rs_told_argument {
    uint32_t size; /* bytes; 0: nothing was told */
    uint8_t bytes[RS_TOLD_ARGUMENT_MAX];
};

/* The first deviation of a kind. */
struct rs_told_finding {
    uint16_t kind; /* of the transition */
    uint8_t vector;
    uint8_t bit; /* enum rs_deviation_bit */
    uint64_t expected, actual;
};

struct rs_told {
    enum rs_vendor vendor;
    uint64_t cr3;
    bool has_state;
    struct rs_event state; /* the last STATE */
    struct rs_told_memory memory[RS_TOLD_MEMORY];
    unsigned finding_count;
    struct rs_told_finding findings[RS_TOLD_FINDINGS];
    struct rs_told_argument arguments[RS_EVENT_ARGS]; /* of the next SYSCALL or SYSRET */
};

/* To be called with each mark, before what is behind it. Other events are passed over. */
void rs_told_mark(struct rs_told *told, const struct rs_event *event);

/* After a transition: what was told of its arguments is used up. */
void rs_told_forget_arguments(struct rs_told *told);

/* Copies what was told of gva..gva+size. False when any byte of it was not. */
bool rs_told_read(const struct rs_told *told, uint64_t gva, void *bytes, size_t size);

/* What was told of a deviation of `event`, or NULL. */
const struct rs_told_finding *rs_told_finding(const struct rs_told *told,
                                              const struct rs_event *event,
                                              enum rs_deviation_bit bit);

/* The bytes at `gva`, as many as were told: at most RS_TOLD_BYTES. Returns how many. */
size_t rs_told_at(const struct rs_told *told, uint64_t gva, uint8_t bytes[RS_TOLD_BYTES]);

#endif
