/* SPDX-License-Identifier: MIT
 * QEMU's "hyperv-testdev". */
#include "hyperv_testdev.h"

#include <string.h>

#define SINTS 16

void rs_hyperv_testdev_init(struct rs_hyperv_testdev *device, unsigned cpu_count,
                            void (*raise)(void *context, unsigned cpu, unsigned sint),
                            void *context)
{
    memset(device, 0, sizeof(*device));
    device->cpu_count = cpu_count;
    device->raise = raise;
    device->context = context;
}

void rs_hyperv_testdev_io(void *context, struct rs_port_io *io)
{
    struct rs_hyperv_testdev *device = context;
    unsigned sint = io->value & 0xff, cpu = io->value >> 8 & 0xff;
    uint16_t bit;

    if (!io->out) {
        io->value = UINT32_MAX;
        return;
    }
    if (io->port != RS_PORT_HYPERV_TESTDEV || io->size != 4 || sint >= SINTS ||
        cpu >= device->cpu_count)
        return;
    bit = (uint16_t)(1u << sint);
    switch (io->value >> 16 & 0xff) {
    case RS_HYPERV_TESTDEV_CREATE:
        device->ways[cpu] |= bit;
        break;
    case RS_HYPERV_TESTDEV_DESTROY:
        device->ways[cpu] &= (uint16_t)~bit;
        break;
    case RS_HYPERV_TESTDEV_RAISE:
        if (device->ways[cpu] & bit)
            device->raise(device->context, cpu, sint);
        break;
    default:
        break;
    }
}
