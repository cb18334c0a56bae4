/* SPDX-License-Identifier: MIT
 * A virtual machine: memory slots, in-kernel interrupt controllers, MSR filter. */
#ifndef RINGSCOPE_VM_H
#define RINGSCOPE_VM_H

#include "error.h"
#include "memory/guest_memory.h"

#include <stdint.h>

struct rs_cpu_model;

struct rs_vm {
    int kvm_fd;         /* not owned */
    int fd;             /* owned */
    unsigned cpu_count; /* that CPUID tells of; 0: one. Set before the first vCPU is made */
    struct rs_memory memory;
    /* What CPUID of its vCPUs says otherwise than KVM offers; the caller's. NULL: nothing. */
    const struct rs_cpu_model *cpu;
    bool hyperv; /* its vCPUs have Hyper-V's interface: hyperv.h. Set before the first is made */
    bool dirty_log_manual; /* see dirty_log.h */
};

/* Creates a VM without interrupt controllers. kvm_fd must stay open as long as the VM. */
int rs_vm_create(struct rs_vm *vm, int kvm_fd, struct rs_error *error);
/* KVM API, "KVM_CREATE_IRQCHIP": before the first vCPU, and after the memory: a slot that is added
 * later waits several milliseconds for a grace period of the kernel. */
int rs_vm_create_irqchip(struct rs_vm *vm, struct rs_error *error);
/* KVM API, "KVM_CREATE_PIT2": the 8254 and port 61h; after the interrupt controllers. */
int rs_vm_create_pit(struct rs_vm *vm, struct rs_error *error);
/* KVM API, "KVM_CAP_EXIT_ON_EMULATION_FAILURE", which rs_vm_create() switches on. Off: an
 * instruction that KVM cannot emulate in ring 3 raises #UD. */
int rs_vm_exit_on_emulation_failure(struct rs_vm *vm, bool on, struct rs_error *error);
void rs_vm_destroy(struct rs_vm *vm);

/* KVM API, "KVM_IRQ_LINE": an input of the in-kernel interrupt controllers. Returns 0 or -errno. */
int rs_vm_set_irq(struct rs_vm *vm, uint32_t gsi, bool level);

/* KVM API, "KVM_SET_USER_MEMORY_REGION": zeroed RAM at [gpa, gpa + size). */
int rs_vm_add_memory(struct rs_vm *vm, uint64_t gpa, uint64_t size, struct rs_error *error);

/* The same with memory of the caller's: for the VMM's own. It is not part of vm->memory. `slot`
 * counts from 0, below RS_OWN_SLOTS. */
#define RS_OWN_SLOTS 2
int rs_vm_add_own(struct rs_vm *vm, unsigned slot, uint64_t gpa, void *host, uint64_t size,
                  struct rs_error *error);

/* A range of MSRs whose accesses leave the guest. Both ends included. */
struct rs_msr_range {
    uint32_t first, last;
    bool read, write;
};

#define RS_MSR_RANGES_MAX 16    /* KVM_MSR_FILTER_MAX_RANGES */
#define RS_MSR_RANGE_SPAN 12288 /* MSRs in one range: KVM_MSR_FILTER_MAX_BITMAP_SIZE * 8 */

/* KVM API, "KVM_X86_SET_MSR_FILTER": replaces the filter; may be called while the guest runs. A
 * count of 0 removes it. When a range is longer than KVM takes, what lies between the ranges is
 * allowed instead, and all accesses of the others exit. Returns 0, or -1: neither the ranges nor
 * the gaps between them fit. KVM never filters the x2APIC's MSRs, 0x800-0x8ff. */
int rs_vm_set_msr_filter(struct rs_vm *vm, const struct rs_msr_range *ranges, unsigned count,
                         struct rs_error *error);

#endif
