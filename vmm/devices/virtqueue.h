/* SPDX-License-Identifier: MIT
 * The device's side of a split virtqueue. The driver is not trusted. */
#ifndef RINGSCOPE_VIRTQUEUE_H
#define RINGSCOPE_VIRTQUEUE_H

#include "memory/guest_memory.h"

/*
 * Virtual I/O Device (VIRTIO) 1.1, "Split Virtqueues". Every field of the driver's is read once,
 * into a local; indices and lengths are checked before they are used; nothing that the driver
 * writes makes a loop longer than RS_VIRTQUEUE_MAX or RS_VIRTQUEUE_PARTS_MAX.
 */
#define RS_VIRTQUEUE_MAX 64       /* descriptors */
#define RS_VIRTQUEUE_PARTS_MAX 18 /* descriptors of one chain */

struct rs_virtqueue {
    uint32_t size; /* descriptors: a power of two */
    bool ready;
    uint64_t descriptors, driver, device; /* GPA of the table, the available and the used ring */
    uint16_t next;                        /* the next entry of the available ring */
    uint16_t used;                        /* the next entry of the used ring */
};

struct rs_virtqueue_part {
    uint64_t gpa;
    uint32_t size;
};

/* A request: what the device reads, then what it writes. */
struct rs_virtqueue_chain {
    uint16_t head;
    unsigned count, readable; /* parts; the first `readable` of them are read */
    struct rs_virtqueue_part parts[RS_VIRTQUEUE_PARTS_MAX];
};

/* Whether the ring's geometry is one: size, alignment, all of it memory. */
bool rs_virtqueue_check(const struct rs_virtqueue *queue, const struct rs_memory *memory);

/* Takes the next request. Returns 1, 0 when there is none, -1 when the ring makes no sense: the
 * queue cannot be used any more. */
int rs_virtqueue_pop(struct rs_virtqueue *queue, const struct rs_memory *memory,
                     struct rs_virtqueue_chain *chain);

/* Gives it back with the number of bytes written. Returns 0 or -1. */
int rs_virtqueue_push(struct rs_virtqueue *queue, const struct rs_memory *memory, uint16_t head,
                      uint32_t written);

/* Whether the driver wants an interrupt for what was pushed. */
bool rs_virtqueue_wants_interrupt(const struct rs_virtqueue *queue, const struct rs_memory *memory);

/* The parts that are read, or written, as one stream of bytes. Copies return 0, or -1 when the
 * stream is shorter or one of its addresses is no memory. */
uint64_t rs_chain_readable(const struct rs_virtqueue_chain *chain);
uint64_t rs_chain_writable(const struct rs_virtqueue_chain *chain);
int rs_chain_read(const struct rs_virtqueue_chain *chain, const struct rs_memory *memory,
                  uint64_t offset, void *buffer, size_t size);
int rs_chain_write(const struct rs_virtqueue_chain *chain, const struct rs_memory *memory,
                   uint64_t offset, const void *buffer, size_t size);

#endif
