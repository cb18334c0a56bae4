/* SPDX-License-Identifier: MIT
 * The machine of an emulated host that cannot be saved: Bochs's. */
#ifndef RINGSCOPE_HOST_HOST_MACHINE_BOCHS_H
#define RINGSCOPE_HOST_HOST_MACHINE_BOCHS_H

#include "host_machine.h"

/* As rs_host_machine_open() and rs_host_machine_start(). */
int rs_host_machine_open_bochs(struct rs_host_machine *machine, struct rs_wait *wait,
                               struct rs_error *error);
int rs_host_machine_start_bochs(struct rs_host_machine *machine, struct rs_error *error);

#endif
