/* SPDX-License-Identifier: MIT
 * One QEMU process: its command line. */
#ifndef RINGSCOPE_HOST_QEMU_OPTIONS_H
#define RINGSCOPE_HOST_QEMU_OPTIONS_H

#include "qemu.h"

#define RS_QEMU_OPTIONS_MAX 64

struct rs_qemu_options {
    const char *argv[RS_QEMU_OPTIONS_MAX]; /* ends with NULL; points into this structure, too */
    char size[16], memory[128];
};

/* Descriptor 3 is the channel, 4 the monitor. */
void rs_qemu_options(struct rs_qemu_options *options, const struct rs_qemu_config *config);

#endif
