/* SPDX-License-Identifier: MIT
 * QEMU's monitor: saving and restoring a machine. */
#ifndef RINGSCOPE_HOST_QMP_H
#define RINGSCOPE_HOST_QMP_H

#include "qemu.h"

/* Writes all but the memory, which is in the file, to state_fd. The machine is stopped then. */
int rs_qmp_save(struct rs_emulator *qemu, struct rs_wait *wait, int state_fd,
                struct rs_error *error);

/* Begins to load what rs_qmp_save() wrote; the machine runs on once it is loaded. */
int rs_qmp_restore(struct rs_emulator *qemu, struct rs_wait *wait, int state_fd,
                   struct rs_error *error);

#endif
