/* SPDX-License-Identifier: MIT
 * The ports by which software resets a PC. */
#ifndef RINGSCOPE_RESET_PORTS_H
#define RINGSCOPE_RESET_PORTS_H

#include "ports.h"

/*
 * Port 92h, bit 0 ("fast reset"; bit 1, the A20 gate, is kept and does nothing): IBM PS/2 Technical
 * Reference, "System Control Port A". Port CF9h, bit 2: Intel ICH data sheet, "Reset Control
 * Register". Port 64h, command FEh: IBM PC AT Technical Reference, "Keyboard Controller".
 */
#define RS_PORT_SYSTEM_CONTROL 0x92
#define RS_PORT_RESET_CONTROL 0xcf9

struct rs_reset_ports {
    void (*reset)(void *context, struct rs_port_io *io);
    void *context;
    uint8_t system_control, reset_control;
};

/* rs_port_fn. */
void rs_system_control_io(void *device, struct rs_port_io *io);
void rs_reset_control_io(void *device, struct rs_port_io *io);

#endif
