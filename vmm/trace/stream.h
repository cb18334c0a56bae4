/* SPDX-License-Identifier: MIT
 * The stream: one ring of records from a vCPU thread to the thread that writes them out. */
#ifndef RINGSCOPE_STREAM_H
#define RINGSCOPE_STREAM_H

#include <ringscope/event.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Single producer (the vCPU thread), single consumer. Events and console output share the ring,
 * so that both come out in the order in which they happened. The producer neither allocates nor
 * calls the system while there is room; when the ring is full it waits for the consumer: nothing
 * is lost. Only a stream that has been closed drops, and counts what it drops.
 */
enum rs_record_type {
    RS_RECORD_EVENT,
    RS_RECORD_CONSOLE
};

#define RS_CONSOLE_RECORD_MAX (sizeof(struct rs_event) - sizeof(uint64_t))

struct rs_record {
    uint32_t type; /* enum rs_record_type */
    uint32_t size; /* CONSOLE: bytes in text */
    union {
        struct rs_event event;
        struct {
            uint64_t tsc; /* when the bytes were put here */
            char text[RS_CONSOLE_RECORD_MAX];
        };
    };
};

struct rs_stream {
    struct rs_record *records;
    size_t mask; /* slots - 1 */
    int wake_fd; /* eventfd: the producer writes it when it waits for room */
    atomic_bool closed;
    atomic_bool waits; /* the producer, for room */
    /* With several vCPUs, for merge.h. */
    atomic_bool quiet;               /* the guest runs: what is published next is later than now */
    atomic_uint_fast64_t floor;      /* TSC; what is published next is not earlier */
    _Alignas(64) atomic_size_t head; /* next slot to fill; the producer's */
    size_t tail_seen;
    uint64_t dropped;
    struct rs_record scratch;        /* what a closed, full stream hands out */
    _Alignas(64) atomic_size_t tail; /* next slot to read; the consumer's */
};

/* `slots` is a power of two. Returns 0 or -errno. */
int rs_stream_open(struct rs_stream *stream, size_t slots);
void rs_stream_free(struct rs_stream *stream);

/* Producer: the next free record, to be filled and then published; never NULL. */
struct rs_record *rs_stream_reserve(struct rs_stream *stream);
static inline struct rs_record *rs_record_of(struct rs_event *event)
{
    return (struct rs_record *)((char *)event - offsetof(struct rs_record, event));
}
void rs_stream_publish(struct rs_stream *stream, struct rs_record *record);

/* Producer: wakes a consumer that sleeps on wake_fd. */
void rs_stream_wake(struct rs_stream *stream);

/* Producer: the guest runs on at `tsc`, and until rs_stream_busy() nothing is published. What is
 * published after that has a time stamp taken after that. */
static inline void rs_stream_quiet(struct rs_stream *stream, uint64_t tsc)
{
    atomic_store_explicit(&stream->floor, tsc, memory_order_release);
    atomic_store_explicit(&stream->quiet, true, memory_order_release);
}

/* RDTSC is no memory access, and waits for none: SDM Vol. 2B, "RDTSC". */
static inline void rs_stream_busy(struct rs_stream *stream)
{
    atomic_store(&stream->quiet, false);
    __builtin_ia32_lfence();
}

/* Consumer: the oldest record, or NULL; rs_stream_consume() gives its slot back. */
const struct rs_record *rs_stream_peek(struct rs_stream *stream);
void rs_stream_consume(struct rs_stream *stream);

/* Consumer: from now on a full ring drops instead of waiting. */
void rs_stream_close(struct rs_stream *stream);

#endif
