/* SPDX-License-Identifier: MIT
 * One Bochs process: a machine that is booted with the command in it. */
#ifndef RINGSCOPE_HOST_BOCHS_H
#define RINGSCOPE_HOST_BOCHS_H

#include "bochs_disk.h"
#include "emulator.h"
#include "kind.h"

#define RS_BOCHS_PROGRAM "bochs"

/* Fails when Bochs is not there, and says what to install. */
int rs_bochs_check(enum rs_host_kind kind, struct rs_error *error);

/* Starts it: emulator->channel is read, emulator->input written. */
int rs_bochs_start(struct rs_emulator *emulator, const struct rs_host_description *kind,
                   const struct rs_bochs_disk *disk, unsigned memory_mib, struct rs_error *error);

#endif
