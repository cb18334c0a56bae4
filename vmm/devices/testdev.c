/* SPDX-License-Identifier: MIT
 * QEMU's "pc-testdev". */
#include "testdev.h"

#include <string.h>

void rs_testdev_init(struct rs_testdev *device,
                     void (*set_line)(void *context, uint32_t gsi, bool level),
                     void (*flush_page)(void *context, uint64_t gpa), void *context)
{
    memset(device, 0, sizeof(*device));
    device->set_line = set_line;
    device->flush_page = flush_page;
    device->context = context;
}

void rs_testdev_latch_io(void *context, struct rs_port_io *io)
{
    struct rs_testdev *device = context;
    unsigned shift = (io->port & 3u) * 8;
    uint32_t mask = io->size == 4 ? UINT32_MAX : (UINT32_C(1) << (io->size * 8)) - 1;

    if (io->out)
        device->latch = (device->latch & ~(mask << shift)) | ((io->value & mask) << shift);
    else
        io->value = (device->latch >> shift) & mask;
}

void rs_testdev_flush_io(void *context, struct rs_port_io *io)
{
    struct rs_testdev *device = context;

    if (!io->out)
        io->value = UINT32_MAX;
    else if (io->port == RS_PORT_TESTDEV_FLUSH && io->size == 4)
        device->flush_page(device->context, io->value);
}

/* A wide write is so many bytes at ascending ports: lines. */
void rs_testdev_irq_io(void *context, struct rs_port_io *io)
{
    struct rs_testdev *device = context;

    if (!io->out) {
        io->value = UINT32_MAX;
        return;
    }
    for (unsigned i = 0; i < io->size; i++) {
        uint32_t gsi = io->port - RS_PORT_TESTDEV_IRQ + i;

        if (gsi < RS_TESTDEV_IRQS)
            device->set_line(device->context, gsi, (io->value >> (8 * i) & 0xff) != 0);
    }
}

/* The MMIO bus has checked that the access lies in the device. */
void rs_testdev_memory_io(void *context, struct rs_mmio_io *io)
{
    struct rs_testdev *device = context;

    if (io->write) {
        memcpy(device->memory + io->offset, &io->value, io->size);
    } else {
        io->value = 0;
        memcpy(&io->value, device->memory + io->offset, io->size);
    }
}
