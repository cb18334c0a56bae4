/* SPDX-License-Identifier: MIT
 * All that a vCPU holds at one moment, and putting it back. */
#include "vcpu_image.h"

#include "memory/memory_image.h"
#include "vcpu_image_msrs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <x86intrin.h>

/*
 * What is read and put back as it is. The order is that of putting back: CR4 and EFER before the
 * extended state and the MSRs that they allow; the MSRs before the LAPIC, whose timer they switch;
 * pending events when nothing drops them any longer.
 *
 * X(ioctl name, member of rs_vcpu_image)
 */
#define EACH_EARLY(X)                                                                              \
    X(SREGS, sregs)                                                                                \
    X(XCRS, xcrs)
#define EACH_LATE(X)                                                                               \
    X(DEBUGREGS, debugregs)                                                                        \
    X(LAPIC, lapic)                                                                                \
    X(MP_STATE, mp_state)                                                                          \
    X(REGS, regs)                                                                                  \
    X(VCPU_EVENTS, events)

int rs_vcpu_complete(struct rs_vcpu *vcpu)
{
    int result;

    vcpu->run->immediate_exit = 1;
    result = rs_vcpu_run(vcpu);
    vcpu->run->immediate_exit = 0;
    return result == -EINTR || result == 0 ? 0 : result;
}

static int refused(struct rs_error *error, const char *what)
{
    return rs_error_errno(error, RS_EXIT_HOST, errno, "%s", what);
}

static struct kvm_device_attr tsc_attribute(uint64_t *offset)
{
    return (struct kvm_device_attr){
        .group = KVM_VCPU_TSC_CTRL,
        .attr = KVM_VCPU_TSC_OFFSET,
        .addr = (uintptr_t)offset,
    };
}

static void take_tsc(struct rs_vcpu_image *image, struct rs_vcpu *vcpu)
{
    struct kvm_device_attr attribute = tsc_attribute(&image->tsc_offset);

    image->has_tsc_offset = ioctl(vcpu->fd, KVM_GET_DEVICE_ATTR, &attribute) == 0;
    image->host_tsc = __rdtsc();
}

static int put_tsc(const struct rs_vcpu_image *image, struct rs_vcpu *vcpu)
{
    uint64_t offset = image->tsc_offset - (__rdtsc() - image->host_tsc);
    struct kvm_device_attr attribute = tsc_attribute(&offset);

    return image->has_tsc_offset ? ioctl(vcpu->fd, KVM_SET_DEVICE_ATTR, &attribute) : 0;
}

/* KVM_GET_XSAVE fills a fixed 4 KiB; a guest with more state needs KVM_GET_XSAVE2. */
static int take_xsave(struct rs_vcpu_image *image, struct rs_vcpu *vcpu, const struct rs_vm *vm)
{
    int size = ioctl(vm->fd, KVM_CHECK_EXTENSION, KVM_CAP_XSAVE2);

    image->xsave_size = sizeof(*image->xsave);
    if (size > (int)image->xsave_size)
        image->xsave_size = (size_t)size;
    image->xsave = calloc(1, image->xsave_size);
    if (!image->xsave) {
        errno = ENOMEM;
        return -1;
    }
    return size > 0 ? ioctl(vcpu->fd, KVM_GET_XSAVE2, image->xsave)
                    : ioctl(vcpu->fd, KVM_GET_XSAVE, image->xsave);
}

/* What KVM_GET_VCPU_EVENTS marks valid is valid for KVM_SET_VCPU_EVENTS. */
static int take_registers(struct rs_vcpu_image *image, struct rs_vcpu *vcpu, struct rs_error *error)
{
#define X(name, member)                                                                            \
    if (ioctl(vcpu->fd, KVM_GET_##name, &image->member) != 0)                                      \
        return refused(error, "KVM_GET_" #name);
    EACH_EARLY(X)
    EACH_LATE(X)
#undef X
    return 0;
}

int rs_vcpu_image_take(struct rs_vcpu_image *image, struct rs_vcpu *vcpu, const struct rs_vm *vm,
                       struct rs_error *error)
{
    memset(image, 0, sizeof(*image));
    if (rs_vcpu_complete(vcpu) != 0)
        return refused(error, "KVM_RUN, to complete an access");
    take_tsc(image, vcpu);
    if (take_registers(image, vcpu, error) == 0) {
        if (take_xsave(image, vcpu, vm) == 0 && rs_vcpu_image_take_msrs(image, vcpu, vm) == 0)
            return 0;
        refused(error, "the extended state or the MSRs of the vCPU");
    }
    rs_vcpu_image_free(image);
    return -1;
}

void rs_vcpu_image_free(struct rs_vcpu_image *image)
{
    free(image->xsave);
    free(image->msrs);
    free(image->scratch);
    image->xsave = NULL;
    image->msrs = NULL;
    image->scratch = NULL;
}

/* The page that KVM_RUN shares says the same as the vCPU: hooks look at it before the next exit. */
static void put_shared(const struct rs_vcpu_image *image, struct rs_vcpu *vcpu)
{
    vcpu->run->s.regs.regs = image->regs;
    vcpu->run->s.regs.sregs = image->sregs;
    vcpu->run->kvm_dirty_regs = 0;
}

int rs_vcpu_image_put(const struct rs_vcpu_image *image, struct rs_vcpu *vcpu,
                      struct rs_error *error)
{
#define X(name, member)                                                                            \
    if (ioctl(vcpu->fd, KVM_SET_##name, &image->member) != 0)                                      \
        return refused(error, "KVM_SET_" #name);
    EACH_EARLY(X)
    if (ioctl(vcpu->fd, KVM_SET_XSAVE, image->xsave) != 0)
        return refused(error, "KVM_SET_XSAVE");
    if (put_tsc(image, vcpu) != 0)
        return refused(error, "KVM_SET_DEVICE_ATTR(KVM_VCPU_TSC_OFFSET)");
    if (rs_vcpu_image_put_msrs(image, vcpu, error) != 0)
        return -1;
    EACH_LATE(X)
#undef X
    put_shared(image, vcpu);
    return 0;
}

/* SDM Vol. 3A, "APIC Timer": the current count, which runs. */
#define LAPIC_CURRENT_COUNT 0x390

uint64_t rs_vcpu_image_digest(const struct rs_vcpu_image *image, uint64_t seed)
{
    struct kvm_lapic_state lapic = image->lapic;
    uint64_t digest = seed;

    memset(lapic.regs + LAPIC_CURRENT_COUNT, 0, sizeof(uint32_t));
#define X(name, member) digest = rs_digest(digest, &image->member, sizeof(image->member));
    X(, regs)
    X(, sregs)
    X(, xcrs)
    X(, debugregs)
    X(, events)
    X(, mp_state)
#undef X
    digest = rs_digest(digest, &lapic, sizeof(lapic));
    digest = rs_digest(digest, image->xsave, image->xsave_size);
    return rs_vcpu_image_digest_msrs(image, digest);
}

static uint64_t lapic_digest(const struct rs_vcpu_image *image)
{
    struct kvm_lapic_state lapic = image->lapic;

    memset(lapic.regs + LAPIC_CURRENT_COUNT, 0, sizeof(uint32_t));
    return rs_digest(0, &lapic, sizeof(lapic));
}

bool rs_vcpu_image_difference(const struct rs_vcpu_image *a, const struct rs_vcpu_image *b,
                              char *what, size_t size)
{
    const char *name = NULL;

#define X(text, member)                                                                            \
    if (memcmp(&a->member, &b->member, sizeof(a->member)) != 0)                                    \
        name = #text;
    X(REGS, regs)
    X(SREGS, sregs)
    X(XCRS, xcrs)
    X(DEBUGREGS, debugregs)
    X(VCPU_EVENTS, events)
    X(MP_STATE, mp_state)
#undef X
    if (lapic_digest(a) != lapic_digest(b))
        name = "LAPIC";
    if (a->xsave_size != b->xsave_size || memcmp(a->xsave, b->xsave, a->xsave_size) != 0)
        name = "XSAVE";
    if (name)
        snprintf(what, size, "%s", name);
    for (unsigned i = 0; !name && i < a->msr_count && i < b->msr_count; i++) {
        if (a->msrs[i].index == b->msrs[i].index && a->msrs[i].value == b->msrs[i].value)
            continue;
        snprintf(what, size, "MSR %#x: %#llx, was %#llx", a->msrs[i].index,
                 (unsigned long long)b->msrs[i].value, (unsigned long long)a->msrs[i].value);
        return true;
    }
    return name != NULL;
}
