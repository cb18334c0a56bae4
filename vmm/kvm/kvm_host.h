/* SPDX-License-Identifier: MIT
 * /dev/kvm: opening it, saying why it cannot be used, and what it offers. */
#ifndef RINGSCOPE_KVM_HOST_H
#define RINGSCOPE_KVM_HOST_H

#include "error.h"

#include <stdbool.h>

/*
 * KVM API, "General description" and "KVM_CHECK_EXTENSION". The capabilities that ringscope cannot
 * do without; a host that lacks one is refused by name.
 *
 * X(capability, why)
 */
#define RS_KVM_REQUIRED(X)                                                                         \
    X(KVM_CAP_USER_MEMORY, "guest memory")                                                         \
    X(KVM_CAP_IRQCHIP, "in-kernel interrupt controllers")                                          \
    X(KVM_CAP_SYNC_REGS, "registers without an ioctl")                                             \
    X(KVM_CAP_IMMEDIATE_EXIT, "stopping a vCPU without a race")                                    \
    X(KVM_CAP_X86_USER_SPACE_MSR, "MSR hooks")                                                     \
    X(KVM_CAP_X86_MSR_FILTER, "MSR hooks")                                                         \
    X(KVM_CAP_EXIT_ON_EMULATION_FAILURE, "gate hooks")

/* Opens /dev/kvm and checks version and capabilities. Returns the file descriptor (the caller
 * closes it) or -1 with RS_EXIT_HOST: missing, no permission, or unusable, and what to do. */
int rs_kvm_open(struct rs_error *error);

/* KVM_CHECK_EXTENSION: what KVM answers for a KVM_CAP_*; 0: it has no such thing. */
int rs_kvm_capability(int kvm_fd, int capability);

/* True when this machine is itself emulated (CPUID leaf 0x40000000 says so, or its clock counts
 * instructions): its times mean nothing to a person. */
bool rs_kvm_host_is_emulated(void);

#endif
