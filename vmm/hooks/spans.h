/* SPDX-License-Identifier: MIT
 * Spans: which return closes which entry. Pure C. */
#ifndef RINGSCOPE_SPANS_H
#define RINGSCOPE_SPANS_H

#include <ringscope/event.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Entries nest: a page fault inside a system call. And they interleave: a thread that waits in a
 * system call returns long after others have entered and returned. So there is one nest for each
 * thread.
 *
 * Threads of ring 3 are told apart by what the processor has of them when they enter and when they
 * are returned to: their address space and the bases of FS and GS, where operating systems keep
 * what belongs to a thread. A return to ring 3 ends all that the thread had open, whatever its
 * address: NtContinue and exception dispatch go back elsewhere than they came from. When the
 * kernel has changed the bases or the address space meanwhile, the stack pointer decides.
 *
 * All vCPUs have one table: a thread that enters on one of them may return on another. Where a
 * kernel leaves both bases 0, threads have no name but the vCPU that they run on.
 *
 * A return to ring 0 closes the innermost entry that came from ring 0 with that stack pointer:
 * threads have kernel stacks of their own. What an entry from ring 0 is inside of is found by the
 * stack that it came from, too. A kernel may have one stack for all entries from ring 3 and go on
 * elsewhere (KVA shadow): the first entry from ring 0 tells where.
 */
#define RS_SPANS_MAX 4096 /* 256 KiB; beyond it entries have no return */
/* Bytes below the beginning of an entry's stack that are the same stack. */
#define RS_SPAN_STACK_SIZE 0x8000

struct rs_span_thread {
    uint64_t cr3;
    uint64_t bases; /* rs_span_bases() */
    uint64_t stack; /* top of the kernel stack, where the processor or the VMM knows it; else 0 */
};

/* Both bases in one number: a span is copied with each entry and return, and fills a cache line. */
static inline uint64_t rs_span_bases(uint8_t vcpu, uint64_t fs_base, uint64_t gs_base)
{
    if ((fs_base | gs_base) == 0)
        return vcpu;
    return gs_base + fs_base * UINT64_C(0x9e3779b97f4a7c15); /* odd: no two FS bases are one */
}

struct rs_span {
    uint64_t sequence; /* of the entry event */
    uint64_t tsc;      /* its tsc_resume */
    uint64_t from_rsp;
    struct rs_span_thread thread; /* of ring 3, on whose behalf it was; stack: this entry's */
    uint32_t code;
    uint16_t kind;  /* enum rs_event_kind */
    uint16_t depth; /* entries around it */
    uint8_t vector;
    uint8_t from_cpl;
    uint8_t vcpu;    /* of the entry, whose sequence number it is */
    uint32_t copied; /* number of the page above the stack that its frame was copied to; 0: none */
};

_Static_assert(sizeof(struct rs_span) == 64, "a cache line");

struct rs_spans {
    unsigned count;
    bool copies;        /* the kernel copies the frames of ring 3 to stacks that nothing tells of */
    uint64_t overflows; /* entries beyond RS_SPANS_MAX, which are not paired */
    struct rs_span open[RS_SPANS_MAX]; /* in the order of their entries */
};

/* How many entries are open around one with these addresses. */
unsigned rs_spans_depth(const struct rs_spans *spans, uint8_t vcpu, uint8_t from_cpl,
                        uint64_t from_rsp);

/* `thread` is the one that enters from ring 3; of an entry from ring 0 its stack alone counts. */
void rs_spans_enter(struct rs_spans *spans, const struct rs_event *event,
                    const struct rs_span_thread *thread);

/* What the thread has open never returns: it has ended. */
void rs_spans_forget(struct rs_spans *spans, const struct rs_span_thread *thread);

/* The guest ran on at `tsc` after the vCPU's last entry, if that is `sequence`. */
void rs_spans_stamp(struct rs_spans *spans, uint8_t vcpu, uint64_t sequence, uint64_t tsc);

/* A return to `cpl` with stack pointer `rsp`, of `thread` when that is ring 3. On true *entry is
 * the entry that it closes. */
bool rs_spans_return(struct rs_spans *spans, uint8_t cpl, uint64_t rsp,
                     const struct rs_span_thread *thread, struct rs_span *entry);

#endif
