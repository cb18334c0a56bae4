/* SPDX-License-Identifier: MIT
 * The machine of the emulated host, from the cache or booted, up to a greeted init process. */
#ifndef RINGSCOPE_HOST_MACHINE_H
#define RINGSCOPE_HOST_MACHINE_H

#include "channel.h"
#include "qemu.h"

struct rs_host_machine {
    struct rs_qemu qemu;
    struct rs_channel channel;
};

int rs_host_machine_open(struct rs_host_machine *machine, struct rs_wait *wait, unsigned memory_mib,
                         struct rs_error *error);
void rs_host_machine_close(struct rs_host_machine *machine);

/* Adds what QEMU or the machine's console said last. */
void rs_host_machine_explain(struct rs_host_machine *machine, struct rs_error *error);

#endif
