/* SPDX-License-Identifier: MIT
 * The port by which a guest gets a machine check: <ringscope/abi.h> says what its values mean. */
#ifndef RINGSCOPE_MACHINE_CHECK_H
#define RINGSCOPE_MACHINE_CHECK_H

#include "ports.h"

/* An rs_port_fn; `device` is a bool: can the host inject one? */
void rs_machine_check_io(void *device, struct rs_port_io *io);

#endif
