/* SPDX-License-Identifier: MIT
 * Which pages the guest has written: KVM's log. */
#include "dirty_log.h"

#include "kvm_host.h"

#include <errno.h>
#include <linux/kvm.h>
#include <ringscope/layout.h>
#include <sys/ioctl.h>

static int start_region(struct rs_vm *vm, unsigned index, struct rs_error *error)
{
    const struct rs_memory_region *memory = &vm->memory.regions[index];
    struct kvm_userspace_memory_region region = {
        .slot = index,
        .flags = KVM_MEM_LOG_DIRTY_PAGES,
        .guest_phys_addr = memory->gpa,
        .memory_size = memory->size,
        .userspace_addr = (uintptr_t)memory->host,
    };

    if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno,
                              "KVM_SET_USER_MEMORY_REGION(%#llx, KVM_MEM_LOG_DIRTY_PAGES)",
                              (unsigned long long)memory->gpa);
    return 0;
}

int rs_dirty_log_start(struct rs_vm *vm, struct rs_error *error)
{
    struct kvm_enable_cap manual = {
        .cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
        .args = {KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE},
    };

    vm->dirty_log_manual = rs_kvm_capability(vm->kvm_fd, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2) &&
                           ioctl(vm->fd, KVM_ENABLE_CAP, &manual) == 0;
    for (unsigned i = 0; i < vm->memory.count; i++)
        if (start_region(vm, i, error) != 0)
            return -1;
    return 0;
}

size_t rs_dirty_log_words(const struct rs_vm *vm, unsigned region)
{
    return (vm->memory.regions[region].size / PAGE_SIZE + 63) / 64;
}

int rs_dirty_log_read(const struct rs_vm *vm, unsigned region, uint64_t *bitmap)
{
    struct kvm_dirty_log log = {.slot = region, .dirty_bitmap = bitmap};

    return ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log) == 0 ? 0 : -errno;
}

/* KVM takes a number of pages that is a multiple of 64, or ends with the slot. */
int rs_dirty_log_forget(const struct rs_vm *vm, unsigned region, const uint64_t *bitmap)
{
    struct kvm_clear_dirty_log log = {
        .slot = region,
        .num_pages = (uint32_t)(vm->memory.regions[region].size / PAGE_SIZE),
        .dirty_bitmap = (void *)(uintptr_t)bitmap,
    };

    if (!vm->dirty_log_manual)
        return 0;
    return ioctl(vm->fd, KVM_CLEAR_DIRTY_LOG, &log) == 0 ? 0 : -errno;
}
