/* SPDX-License-Identifier: MIT
 * The machine of the emulated host, from the cache or booted, up to a greeted init process. */
#ifndef RINGSCOPE_HOST_MACHINE_H
#define RINGSCOPE_HOST_MACHINE_H

#include "bochs_disk.h"
#include "channel.h"
#include "emulator.h"
#include "kind.h"

struct rs_host_machine {
    enum rs_host_kind kind;
    unsigned memory_mib;
    struct rs_emulator emulator;
    struct rs_channel channel;
    struct rs_bochs_disk disk; /* of a machine that is booted with the command in it */
    int inbox;                 /* its frames until then; -1: none */
};

/* Up to where frames can be sent; a machine of `kind` and `memory_mib`. */
int rs_host_machine_open(struct rs_host_machine *machine, struct rs_wait *wait,
                         struct rs_error *error);
/* All frames up to START have been sent: returns when the init process has READY. */
int rs_host_machine_start(struct rs_host_machine *machine, struct rs_error *error);
void rs_host_machine_close(struct rs_host_machine *machine);

/* Adds what the emulator or the machine's console said last. */
void rs_host_machine_explain(struct rs_host_machine *machine, struct rs_error *error);

#endif
