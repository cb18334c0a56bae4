/* SPDX-License-Identifier: MIT
 * The MSRs of a vCPU's image. */
#ifndef RINGSCOPE_KVM_VCPU_IMAGE_MSRS_H
#define RINGSCOPE_KVM_VCPU_IMAGE_MSRS_H

#include "vcpu_image.h"

/* Reads those that KVM lists and lets us read. Returns 0, or -1 with errno. */
int rs_vcpu_image_take_msrs(struct rs_vcpu_image *image, struct rs_vcpu *vcpu,
                            const struct rs_vm *vm);
/* Writes those that are not as they were. Returns 0, or -1 with the first that KVM refused. */
int rs_vcpu_image_put_msrs(const struct rs_vcpu_image *image, struct rs_vcpu *vcpu,
                           struct rs_error *error);
uint64_t rs_vcpu_image_digest_msrs(const struct rs_vcpu_image *image, uint64_t seed);

#endif
