/* SPDX-License-Identifier: MIT
 * A virtio device behind memory-mapped registers, with one queue. */
#ifndef RINGSCOPE_VIRTIO_MMIO_H
#define RINGSCOPE_VIRTIO_MMIO_H

#include "mmio.h"
#include "virtqueue.h"

/* VIRTIO 1.1, "Virtio Over MMIO": the modern register layout, version 2. */
#define RS_VIRTIO_MMIO_SIZE 0x200

/* Feature and interrupt bits that the transport itself knows: VIRTIO 1.1, "Reserved Feature Bits"
 */
#define RS_VIRTIO_F_VERSION_1 (UINT64_C(1) << 32)

/* What makes it this or that device. */
struct rs_virtio_device {
    uint32_t id;
    uint64_t features; /* beside RS_VIRTIO_F_VERSION_1, which is always offered */
    const void *config;
    uint32_t config_size;
    /* Serves one request. Returns how many bytes it has written into the chain. */
    uint32_t (*serve)(void *context, const struct rs_memory *memory,
                      const struct rs_virtqueue_chain *chain);
    void *context;
};

struct rs_virtio {
    struct rs_virtio_device device;
    const struct rs_memory *memory;
    void (*interrupt)(void *context, bool level); /* the line, when it changes */
    void *interrupt_context;
    struct rs_virtqueue queue;
    uint64_t driver_features;
    uint32_t device_features_select, driver_features_select, queue_select;
    uint32_t status, interrupt_status;
};

void rs_virtio_init(struct rs_virtio *virtio, const struct rs_virtio_device *device,
                    const struct rs_memory *memory, void (*interrupt)(void *context, bool level),
                    void *interrupt_context);

void rs_virtio_io(void *virtio, struct rs_mmio_io *io); /* an rs_mmio_fn */

#endif
