/* SPDX-License-Identifier: MIT
 * What must be repaired on this host, measured now. */
#ifndef RINGSCOPE_NEEDS_H
#define RINGSCOPE_NEEDS_H

#include "error.h"

#include <stdint.h>

/* Runs the few probes that repair depends on in a VM of their own (a few milliseconds) and fills
 * *needs with RS_NEED_* bits (hooks/hooks.h). Returns 0, or -1 when no VM can be had. */
int rs_doctor_needs(int kvm_fd, uint32_t *needs, struct rs_error *error);

#endif
