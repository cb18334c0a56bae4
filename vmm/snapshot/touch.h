/* SPDX-License-Identifier: MIT
 * Telling KVM that pages have changed under it. */
#ifndef RINGSCOPE_SNAPSHOT_TOUCH_H
#define RINGSCOPE_SNAPSHOT_TOUCH_H

#include "kvm/vcpu.h"

/*
 * Where KVM keeps shadow page tables, it follows what the guest writes to its page tables, not what
 * the VMM writes there. So pages that the VMM has put back are written once more by the guest: two
 * bytes of each, with the value that they have. KVM drops what it has derived from a page that is
 * written like that, for no guest writes its page tables so. The new CR3 behind it flushes the TLB.
 * On hosts with two-dimensional paging it is a few instructions without effect.
 *
 * The guest code and its page tables (4 GiB at their own addresses) lie in memory at RS_GPA_TOUCH
 * that is made anew each time. It cannot be read-only: processors of AMD walk page tables as if
 * they wrote them (AMD APM Vol. 2, "Nested versus Guest Page Faults").
 */
struct rs_touch {
    uint8_t *host; /* owned */
};

int rs_touch_open(struct rs_touch *touch, struct rs_vm *vm, struct rs_error *error);
/* Before the VM. */
void rs_touch_close(struct rs_touch *touch);

/* Registers, pending events and the FPU are lost. Without pages the TLB is flushed alone. Returns
 * 0 or -1. */
int rs_touch_pages(struct rs_touch *touch, struct rs_vcpu *vcpu, const uint64_t *gpas, size_t count,
                   struct rs_error *error);

#endif
