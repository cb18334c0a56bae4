/* SPDX-License-Identifier: MIT
 * A virtual machine: memory slots, in-kernel interrupt controllers, MSR filter. */
#include "vm.h"

#include <errno.h>
#include <linux/kvm.h>
#include <ringscope/layout.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int enable_cap(struct rs_vm *vm, uint32_t cap, uint64_t argument, const char *name,
                      struct rs_error *error)
{
    struct kvm_enable_cap enable = {.cap = cap, .args = {argument}};

    if (ioctl(vm->fd, KVM_ENABLE_CAP, &enable) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_ENABLE_CAP(%s)", name);
    return 0;
}

static int set_up(struct rs_vm *vm, struct rs_error *error)
{
    uint64_t identity_map = RS_GPA_IDENTITY_MAP;

    if (ioctl(vm->fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_SET_IDENTITY_MAP_ADDR");
    if (ioctl(vm->fd, KVM_SET_TSS_ADDR, RS_GPA_TSS) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_SET_TSS_ADDR");
    if (rs_vm_exit_on_emulation_failure(vm, true, error) != 0)
        return -1;
    return enable_cap(vm, KVM_CAP_X86_USER_SPACE_MSR, KVM_MSR_EXIT_REASON_FILTER,
                      "X86_USER_SPACE_MSR", error);
}

int rs_vm_create(struct rs_vm *vm, int kvm_fd, struct rs_error *error)
{
    *vm = (struct rs_vm){.kvm_fd = kvm_fd, .fd = -1};
    do {
        vm->fd = ioctl(kvm_fd, KVM_CREATE_VM, 0);
    } while (vm->fd < 0 && errno == EINTR);
    if (vm->fd < 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_CREATE_VM");
    if (set_up(vm, error) != 0) {
        rs_vm_destroy(vm);
        return -1;
    }
    return 0;
}

int rs_vm_create_irqchip(struct rs_vm *vm, struct rs_error *error)
{
    if (ioctl(vm->fd, KVM_CREATE_IRQCHIP, 0) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_CREATE_IRQCHIP");
    return 0;
}

int rs_vm_create_pit(struct rs_vm *vm, struct rs_error *error)
{
    struct kvm_pit_config config = {.flags = KVM_PIT_SPEAKER_DUMMY};

    if (ioctl(vm->fd, KVM_CREATE_PIT2, &config) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_CREATE_PIT2");
    return 0;
}

int rs_vm_exit_on_emulation_failure(struct rs_vm *vm, bool on, struct rs_error *error)
{
    return enable_cap(vm, KVM_CAP_EXIT_ON_EMULATION_FAILURE, on, "EXIT_ON_EMULATION_FAILURE",
                      error);
}

int rs_vm_set_irq(struct rs_vm *vm, uint32_t gsi, bool level)
{
    struct kvm_irq_level line = {.irq = gsi, .level = level};

    return ioctl(vm->fd, KVM_IRQ_LINE, &line) == 0 ? 0 : -errno;
}

void rs_vm_destroy(struct rs_vm *vm)
{
    if (vm->fd >= 0)
        close(vm->fd);
    vm->fd = -1;
    rs_memory_free(&vm->memory);
}

int rs_vm_add_memory(struct rs_vm *vm, uint64_t gpa, uint64_t size, struct rs_error *error)
{
    int index = rs_memory_add(&vm->memory, gpa, size);
    struct kvm_userspace_memory_region region;

    if (index < 0)
        return rs_error_errno(error, RS_EXIT_HOST, -index, "%llu bytes of guest memory",
                              (unsigned long long)size);
    region = (struct kvm_userspace_memory_region){
        .slot = (uint32_t)index,
        .guest_phys_addr = gpa,
        .memory_size = size,
        .userspace_addr = (uintptr_t)vm->memory.regions[index].host,
    };
    if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_SET_USER_MEMORY_REGION(%#llx)",
                              (unsigned long long)gpa);
    return 0;
}

int rs_vm_add_own(struct rs_vm *vm, unsigned slot, uint64_t gpa, void *host, uint64_t size,
                  struct rs_error *error)
{
    struct kvm_userspace_memory_region region = {
        .slot = RS_MEMORY_REGIONS_MAX + slot,
        .guest_phys_addr = gpa,
        .memory_size = size,
        .userspace_addr = (uintptr_t)host,
    };

    if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_SET_USER_MEMORY_REGION(%#llx)",
                              (unsigned long long)gpa);
    return 0;
}
