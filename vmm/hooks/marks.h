/* SPDX-License-Identifier: MIT
 * Marks: what a trace must tell besides transitions so that they can be understood without the
 * guest: address spaces, registers and table entries that steer transitions, first deviations. */
#ifndef RINGSCOPE_HOOKS_MARKS_H
#define RINGSCOPE_HOOKS_MARKS_H

#include <ringscope/event.h>
#include <ringscope/x86/vectors.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A mark is told just before the event that it belongs to, and once: bytes of memory when they are
 * not what was told of that address before, registers when they have changed. All of it lives
 * in fixed places; an address that loses its place to another one is told again.
 */
#define RS_MARKS_MEMORY 256 /* addresses remembered; a power of 2 */
#define RS_MARKS_BYTES 16   /* of each: a gate, a descriptor, an instruction */
#define RS_MARKS_NEW 16     /* that one event brings; what is more waits for the next one */

struct rs_mark_memory {
    uint64_t gva;
    uint8_t size; /* 0: the place is free */
    uint8_t purpose;
    uint8_t bytes[RS_MARKS_BYTES];
};

/* The registers of a STATE event that come with each exit. */
struct rs_mark_registers {
    uint64_t cr0, cr4, efer, gdt_base, idt_base, tr_base;
    uint32_t gdt_limit, idt_limit, tr_limit;
    uint16_t tr_selector;
};

struct rs_marks {
    bool wanted;
    bool state_told;
    bool msrs_changed; /* STAR, LSTAR, CSTAR, FMASK since the last STATE */
    uint64_t cr3;
    struct rs_mark_registers registers; /* as told */
    struct rs_mark_memory memory[RS_MARKS_MEMORY];
    uint64_t memory_version; /* counts what is put into `memory`, and taken out */
    unsigned new_count;
    struct rs_mark_memory new_memory[RS_MARKS_NEW]; /* in `memory`, but not told yet */
    /* Deviations told, by vector; the last row is SYSCALL's and the MSRs'. */
    uint16_t deviations_told[RS_VECTOR_COUNT + 1];
    uint16_t repairs_told[RS_VECTOR_COUNT + 1];
    uint32_t found; /* RS_DEVIATION_* whose values are below */
    uint64_t expected[RS_DEVIATION_COUNT], actual[RS_DEVIATION_COUNT];
};

struct rs_hooks;

/* The registers of this exit. */
struct rs_vcpu;
struct rs_mark_registers rs_marks_registers(struct rs_vcpu *vcpu);

/* Bytes that the model read, or the instruction at an exception. */
void rs_marks_memory(struct rs_marks *marks, enum rs_purpose purpose, uint64_t gva,
                     const void *bytes, size_t size);

/* The values behind a deviation of the transition that is being checked. */
static inline void rs_marks_found(struct rs_marks *marks, enum rs_deviation_bit bit,
                                  uint64_t expected, uint64_t actual)
{
    marks->found |= 1u << bit;
    marks->expected[bit] = expected;
    marks->actual[bit] = actual;
}

/* Puts what must be told before `event` into the stream. `event` lies in the next record, and moves
 * on: returns where it is then. */
struct rs_event *rs_marks_before(struct rs_hooks *hooks, struct rs_event *event);

/* The event that was being made is not reported: nothing of it was told. */
void rs_marks_forget(struct rs_marks *marks);

/* Marks of their own. Nothing when they are not wanted. */
void rs_marks_put(struct rs_hooks *hooks, enum rs_event_kind kind, uint32_t code, uint64_t value);
void rs_marks_console(struct rs_hooks *hooks, const char *bytes, size_t size);

/* Any amount of bytes, in as many MEMORY events as it takes. */
void rs_marks_bytes(struct rs_hooks *hooks, enum rs_purpose purpose, uint8_t index, uint64_t gva,
                    const uint8_t *bytes, size_t size);

#endif
