/* SPDX-License-Identifier: MIT
 * The device's side of a split virtqueue: taking requests and giving them back. */
#include "virtqueue.h"

#include <stdatomic.h>

/* Descriptor, available ring and used ring: VIRTIO 1.1, "Split Virtqueues". */
struct descriptor {
    uint64_t gpa;
    uint32_t size;
    uint16_t flags;
    uint16_t next;
};

struct used_element {
    uint32_t id;
    uint32_t written;
};

_Static_assert(sizeof(struct descriptor) == 16, "struct virtq_desc");
_Static_assert(sizeof(struct used_element) == 8, "struct virtq_used_elem");

#define DESCRIPTOR_NEXT 1u
#define DESCRIPTOR_WRITE 2u
#define DESCRIPTOR_INDIRECT 4u
#define AVAILABLE_NO_INTERRUPT 1u

/* Both rings: 16-bit flags, 16-bit index, then the entries. */
#define RING_INDEX 2
#define RING_ENTRIES 4

static bool is_memory(const struct rs_memory *memory, uint64_t gpa, uint64_t size, uint64_t align)
{
    uint8_t byte;

    /* The rings are smaller than a page: both ends in memory means all of it. */
    return gpa % align == 0 && gpa + size > gpa && rs_memory_read(memory, gpa, &byte, 1) == 0 &&
           rs_memory_read(memory, gpa + size - 1, &byte, 1) == 0;
}

bool rs_virtqueue_check(const struct rs_virtqueue *queue, const struct rs_memory *memory)
{
    uint64_t size = queue->size;

    return size > 0 && size <= RS_VIRTQUEUE_MAX && (size & (size - 1)) == 0 &&
           is_memory(memory, queue->descriptors, size * sizeof(struct descriptor), 16) &&
           is_memory(memory, queue->driver, RING_ENTRIES + size * 2, 2) &&
           is_memory(memory, queue->device, RING_ENTRIES + size * sizeof(struct used_element), 4);
}

/* What is read comes before what is written; an indirect table was not negotiated. */
static int read_chain(const struct rs_virtqueue *queue, const struct rs_memory *memory,
                      struct rs_virtqueue_chain *chain)
{
    struct descriptor descriptor = {.next = chain->head};

    chain->count = chain->readable = 0;
    do {
        if (descriptor.next >= queue->size || chain->count == RS_VIRTQUEUE_PARTS_MAX ||
            rs_memory_read(memory, queue->descriptors + sizeof(descriptor) * descriptor.next,
                           &descriptor, sizeof(descriptor)) != 0 ||
            (descriptor.flags & DESCRIPTOR_INDIRECT))
            return -1;
        if (!(descriptor.flags & DESCRIPTOR_WRITE)) {
            if (chain->readable != chain->count)
                return -1;
            chain->readable++;
        }
        chain->parts[chain->count++] = (struct rs_virtqueue_part){descriptor.gpa, descriptor.size};
    } while (descriptor.flags & DESCRIPTOR_NEXT);
    return 1;
}

int rs_virtqueue_pop(struct rs_virtqueue *queue, const struct rs_memory *memory,
                     struct rs_virtqueue_chain *chain)
{
    uint16_t index, waiting;

    if (rs_memory_read(memory, queue->driver + RING_INDEX, &index, sizeof(index)) != 0)
        return -1;
    waiting = (uint16_t)(index - queue->next);
    if (waiting == 0)
        return 0;
    if (waiting > queue->size)
        return -1;
    atomic_thread_fence(memory_order_acquire); /* the entry was written before the index */
    if (rs_memory_read(memory,
                       queue->driver + RING_ENTRIES + 2 * (uint64_t)(queue->next % queue->size),
                       &chain->head, sizeof(chain->head)) != 0)
        return -1;
    queue->next++;
    return read_chain(queue, memory, chain);
}

int rs_virtqueue_push(struct rs_virtqueue *queue, const struct rs_memory *memory, uint16_t head,
                      uint32_t written)
{
    const struct used_element element = {head, written};
    uint64_t slot = queue->used % queue->size;

    if (rs_memory_write(memory, queue->device + RING_ENTRIES + sizeof(element) * slot, &element,
                        sizeof(element)) != 0)
        return -1;
    atomic_thread_fence(memory_order_release);
    queue->used++;
    return rs_memory_write(memory, queue->device + RING_INDEX, &queue->used, sizeof(queue->used));
}

bool rs_virtqueue_wants_interrupt(const struct rs_virtqueue *queue, const struct rs_memory *memory)
{
    uint16_t flags = 0;

    return rs_memory_read(memory, queue->driver, &flags, sizeof(flags)) == 0 &&
           !(flags & AVAILABLE_NO_INTERRUPT);
}
