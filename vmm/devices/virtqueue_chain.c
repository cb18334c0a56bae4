/* SPDX-License-Identifier: MIT
 * The parts of a request as two streams of bytes: drivers may cut them as they like. */
#include "virtqueue.h"

typedef int (*copy_fn)(const struct rs_memory *memory, uint64_t gpa, uint8_t *buffer, size_t size);

static int copy_in(const struct rs_memory *memory, uint64_t gpa, uint8_t *buffer, size_t size)
{
    return rs_memory_read(memory, gpa, buffer, size);
}

static int copy_out(const struct rs_memory *memory, uint64_t gpa, uint8_t *buffer, size_t size)
{
    return rs_memory_write(memory, gpa, buffer, size);
}

static uint64_t total(const struct rs_virtqueue_part *parts, unsigned count)
{
    uint64_t size = 0;

    for (unsigned i = 0; i < count; i++)
        size += parts[i].size;
    return size;
}

static int each_part(const struct rs_virtqueue_part *parts, unsigned count,
                     const struct rs_memory *memory, uint64_t offset, uint8_t *buffer, size_t size,
                     copy_fn copy)
{
    for (unsigned i = 0; i < count && size > 0; i++) {
        size_t piece;

        if (offset >= parts[i].size) {
            offset -= parts[i].size;
            continue;
        }
        piece = parts[i].size - offset < size ? (size_t)(parts[i].size - offset) : size;
        if (copy(memory, parts[i].gpa + offset, buffer, piece) != 0)
            return -1;
        offset = 0;
        buffer += piece;
        size -= piece;
    }
    return size == 0 ? 0 : -1;
}

uint64_t rs_chain_readable(const struct rs_virtqueue_chain *chain)
{
    return total(chain->parts, chain->readable);
}

uint64_t rs_chain_writable(const struct rs_virtqueue_chain *chain)
{
    return total(chain->parts + chain->readable, chain->count - chain->readable);
}

int rs_chain_read(const struct rs_virtqueue_chain *chain, const struct rs_memory *memory,
                  uint64_t offset, void *buffer, size_t size)
{
    return each_part(chain->parts, chain->readable, memory, offset, buffer, size, copy_in);
}

int rs_chain_write(const struct rs_virtqueue_chain *chain, const struct rs_memory *memory,
                   uint64_t offset, const void *buffer, size_t size)
{
    uint8_t *bytes = (uint8_t *)(uintptr_t)buffer; /* copy_out() only reads it */

    return each_part(chain->parts + chain->readable, chain->count - chain->readable, memory, offset,
                     bytes, size, copy_out);
}
