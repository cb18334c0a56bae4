/* SPDX-License-Identifier: MIT
 * What the devices inside KVM hold at one moment, and putting it back. */
#ifndef RINGSCOPE_KVM_VM_IMAGE_H
#define RINGSCOPE_KVM_VM_IMAGE_H

#include "vm.h"

#include <linux/kvm.h>

/* KVM API: KVM_GET_ and KVM_SET_IRQCHIP of both PICs and the IOAPIC, PIT2 where there is one,
 * CLOCK. */
#define RS_VM_IRQCHIPS 3

struct rs_vm_image {
    struct kvm_irqchip irqchips[RS_VM_IRQCHIPS];
    bool has_pit;
    struct kvm_pit_state2 pit;
    struct kvm_clock_data clock;
};

/* Both return 0, or -1 with what KVM refused. */
int rs_vm_image_take(struct rs_vm_image *image, const struct rs_vm *vm, struct rs_error *error);
int rs_vm_image_put(const struct rs_vm_image *image, const struct rs_vm *vm,
                    struct rs_error *error);

/* A hash of everything but what runs by itself: the clock and the PIT's counters. */
uint64_t rs_vm_image_digest(const struct rs_vm_image *image, uint64_t seed);

#endif
