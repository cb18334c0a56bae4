/* SPDX-License-Identifier: MIT
 * Memory-mapped I/O: which device answers which guest-physical address. */
#ifndef RINGSCOPE_MMIO_H
#define RINGSCOPE_MMIO_H

#include <stdbool.h>
#include <stdint.h>

/* One access: `value` goes to the device, or comes from it. */
struct rs_mmio_io {
    uint64_t offset; /* from the start of the device */
    uint8_t size;    /* 1 to 8 bytes */
    bool write;
    uint64_t value;
};

typedef void (*rs_mmio_fn)(void *device, struct rs_mmio_io *io);

#define RS_MMIO_DEVICES_MAX 4

struct rs_mmio {
    struct {
        uint64_t gpa, size;
        rs_mmio_fn function;
        void *device;
    } devices[RS_MMIO_DEVICES_MAX];
    unsigned count;
};

/* Ranges of different devices do not overlap. */
void rs_mmio_add(struct rs_mmio *mmio, uint64_t gpa, uint64_t size, rs_mmio_fn function,
                 void *device);

/* An access that no device takes whole reads all ones and ignores writes, as an empty bus does. */
void rs_mmio_access(const struct rs_mmio *mmio, uint64_t gpa, struct rs_mmio_io *io);

#endif
