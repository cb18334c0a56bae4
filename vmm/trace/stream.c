/* SPDX-License-Identifier: MIT
 * The stream: one ring of records from a vCPU thread to the thread that writes them out. */
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define CACHE_LINE 64

int rs_stream_open(struct rs_stream *stream, size_t slots)
{
    memset(stream, 0, sizeof(*stream));
    stream->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (stream->wake_fd < 0)
        return -errno;
    stream->records = calloc(slots, sizeof(*stream->records));
    if (!stream->records) {
        close(stream->wake_fd);
        return -ENOMEM;
    }
    stream->mask = slots - 1;
    return 0;
}

void rs_stream_free(struct rs_stream *stream)
{
    if (stream->records)
        close(stream->wake_fd);
    free(stream->records);
    stream->records = NULL;
}

static bool has_room(struct rs_stream *stream, size_t head)
{
    if (head - stream->tail_seen <= stream->mask)
        return true;
    stream->tail_seen = atomic_load_explicit(&stream->tail, memory_order_acquire);
    return head - stream->tail_seen <= stream->mask;
}

/* The counter saturates only after 2^64 - 2 wakes: EAGAIN still means "awake". */
void rs_stream_wake(struct rs_stream *stream)
{
    const uint64_t one = 1;
    ssize_t ignored = write(stream->wake_fd, &one, sizeof(one));

    (void)ignored;
}

struct rs_record *rs_stream_reserve(struct rs_stream *stream)
{
    const struct timespec pause = {.tv_nsec = 200000};
    size_t head = atomic_load_explicit(&stream->head, memory_order_relaxed);

    if (has_room(stream, head))
        return &stream->records[head & stream->mask];
    atomic_store(&stream->waits, true);
    while (!has_room(stream, head)) {
        if (atomic_load(&stream->closed))
            return &stream->scratch;
        rs_stream_wake(stream);
        nanosleep(&pause, NULL);
    }
    atomic_store(&stream->waits, false);
    return &stream->records[head & stream->mask];
}

/* The next event is written after the host's kernel has run: into lines that are near by then. */
static void prefetch(const struct rs_stream *stream, size_t head)
{
    const char *next = (const char *)&stream->records[head & stream->mask];

    for (size_t at = 0; at < sizeof(struct rs_record); at += CACHE_LINE)
        __builtin_prefetch(next + at, 1);
}

void rs_stream_publish(struct rs_stream *stream, struct rs_record *record)
{
    size_t next = atomic_load_explicit(&stream->head, memory_order_relaxed) + 1;

    if (record == &stream->scratch) {
        stream->dropped++;
        return;
    }
    atomic_store_explicit(&stream->head, next, memory_order_release);
    prefetch(stream, next);
}

const struct rs_record *rs_stream_peek(struct rs_stream *stream)
{
    size_t tail = atomic_load_explicit(&stream->tail, memory_order_relaxed);

    if (tail == atomic_load_explicit(&stream->head, memory_order_acquire))
        return NULL;
    return &stream->records[tail & stream->mask];
}

void rs_stream_consume(struct rs_stream *stream)
{
    atomic_store_explicit(&stream->tail,
                          atomic_load_explicit(&stream->tail, memory_order_relaxed) + 1,
                          memory_order_release);
}

void rs_stream_close(struct rs_stream *stream)
{
    atomic_store(&stream->closed, true);
}
