/* SPDX-License-Identifier: MIT
 * What the devices inside KVM hold at one moment, and putting it back. */
#include "vm_image.h"

#include "memory/memory_image.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

static int refused(struct rs_error *error, const char *what)
{
    return rs_error_errno(error, RS_EXIT_HOST, errno, "%s", what);
}

int rs_vm_image_take(struct rs_vm_image *image, const struct rs_vm *vm, struct rs_error *error)
{
    memset(image, 0, sizeof(*image));
    for (uint32_t i = 0; i < RS_VM_IRQCHIPS; i++) {
        image->irqchips[i].chip_id = i;
        if (ioctl(vm->fd, KVM_GET_IRQCHIP, &image->irqchips[i]) != 0)
            return refused(error, "KVM_GET_IRQCHIP");
    }
    image->has_pit = ioctl(vm->fd, KVM_GET_PIT2, &image->pit) == 0;
    if (ioctl(vm->fd, KVM_GET_CLOCK, &image->clock) != 0)
        return refused(error, "KVM_GET_CLOCK");
    image->clock.flags = 0; /* the guest's clock alone, whatever the host's has done since */
    return 0;
}

int rs_vm_image_put(const struct rs_vm_image *image, const struct rs_vm *vm, struct rs_error *error)
{
    for (uint32_t i = 0; i < RS_VM_IRQCHIPS; i++)
        if (ioctl(vm->fd, KVM_SET_IRQCHIP, &image->irqchips[i]) != 0)
            return refused(error, "KVM_SET_IRQCHIP");
    if (image->has_pit && ioctl(vm->fd, KVM_SET_PIT2, &image->pit) != 0)
        return refused(error, "KVM_SET_PIT2");
    if (ioctl(vm->fd, KVM_SET_CLOCK, &image->clock) != 0)
        return refused(error, "KVM_SET_CLOCK");
    return 0;
}

uint64_t rs_vm_image_digest(const struct rs_vm_image *image, uint64_t seed)
{
    return rs_digest(seed, image->irqchips, sizeof(image->irqchips));
}
