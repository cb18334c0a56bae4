/* SPDX-License-Identifier: MIT
 * A breakpoint in ring 0: the machine stops before an instruction of the kernel. */
#ifndef RINGSCOPE_INSPECT_BREAKPOINT_H
#define RINGSCOPE_INSPECT_BREAKPOINT_H

#include "machine/machine.h"

/*
 * `out imm8, al` over the first two bytes, as return sites have it: INT3 and debug registers do not
 * leave the guest on every host. Ring 3 may not use OUT, so only the kernel's code can have one.
 */
#define RS_PORT_BREAKPOINT 0x9b

struct rs_breakpoint {
    struct rs_machine *machine; /* NULL: not set */
    uint64_t gva, gpa;
    struct rs_place place; /* of gpa */
    uint8_t bytes[2];
};

/* Before the machine runs. `kernel` is the image that was loaded. Returns 0, or -1: the address is
 * not in its code. */
int rs_breakpoint_set(struct rs_breakpoint *breakpoint, struct rs_machine *machine,
                      const struct rs_blob *kernel, uint64_t gva, struct rs_error *error);
/* Puts the bytes back, whether it was met or not. */
void rs_breakpoint_remove(struct rs_breakpoint *breakpoint);

#endif
