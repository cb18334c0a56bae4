/* SPDX-License-Identifier: MIT
 * --pagefile: the file behind the guest's paging device. */
#ifndef RINGSCOPE_COMMANDS_PAGEFILE_H
#define RINGSCOPE_COMMANDS_PAGEFILE_H

#include "error.h"
#include "machine/machine.h"

#define RS_PAGEFILE_DEFAULT_FACTOR 4 /* times guest memory */

/* The option's value. All zero: a nameless file in the host's memory. */
struct rs_pagefile_option {
    bool none;
    char path[4096]; /* "": nameless */
    uint64_t size;   /* bytes; 0: not said */
};

/* FILE, FILE:SIZE or none. Returns 0, or -1 with RS_EXIT_USAGE. */
int rs_pagefile_parse(const char *value, struct rs_pagefile_option *option, struct rs_error *error);

/* Makes the file, or makes it longer, and locks it. A file that is there already must be a paging
 * file of ringscope's. On success the caller closes pagefile->fd, which is -1 for none. */
int rs_pagefile_open(const struct rs_pagefile_option *option, uint64_t memory_size,
                     struct rs_machine_pagefile *pagefile, struct rs_error *error);

#endif
