/* SPDX-License-Identifier: MIT
 * The ports by which software resets a PC. */
#include "reset_ports.h"

#define FAST_RESET 0x01
#define RST_CPU 0x04

static void access_register(struct rs_reset_ports *device, struct rs_port_io *io, uint8_t *value,
                            uint8_t reset)
{
    if (!io->out) {
        io->value = *value;
        return;
    }
    *value = (uint8_t)(io->value & ~(unsigned)reset);
    if (io->value & reset)
        device->reset(device->context, io);
}

void rs_system_control_io(void *context, struct rs_port_io *io)
{
    struct rs_reset_ports *device = context;

    access_register(device, io, &device->system_control, FAST_RESET);
}

void rs_reset_control_io(void *context, struct rs_port_io *io)
{
    struct rs_reset_ports *device = context;

    access_register(device, io, &device->reset_control, RST_CPU);
}
