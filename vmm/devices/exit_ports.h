/* SPDX-License-Identifier: MIT
 * The ports that stop the machine: <ringscope/abi.h> says what each value means. */
#ifndef RINGSCOPE_EXIT_PORTS_H
#define RINGSCOPE_EXIT_PORTS_H

#include "ports.h"

/* rs_port_fn, without a device. Reads answer 0. */
void rs_debug_exit_io(void *device, struct rs_port_io *io);
void rs_program_exit_io(void *device, struct rs_port_io *io);
void rs_bug_check_io(void *device, struct rs_port_io *io);
/* The device is the struct rs_machine. */
void rs_ready_io(void *machine, struct rs_port_io *io);

#endif
