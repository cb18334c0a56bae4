/* SPDX-License-Identifier: MIT
 * The MSRs of a vCPU's image. */
#include "vcpu_image_msrs.h"

#include "memory/memory_image.h"

#include <errno.h>
#include <ringscope/x86/msr.h>
#include <stdlib.h>
#include <sys/ioctl.h>

/* SDM Vol. 4: the MTRRs, which KVM_GET_MSR_INDEX_LIST of some kernels leaves out. */
static const struct {
    uint32_t first, last;
} unlisted[] = {
    {0x200, 0x20f}, /* IA32_MTRR_PHYSBASE0 to PHYSMASK7 */
    {0x250, 0x250}, /* IA32_MTRR_FIX64K_00000 */
    {0x258, 0x259}, /* IA32_MTRR_FIX16K */
    {0x268, 0x26f}, /* IA32_MTRR_FIX4K */
    {0x2ff, 0x2ff}, /* IA32_MTRR_DEF_TYPE */
};
#define UNLISTED_MAX 64
#define LISTED_MAX 2048

/* Those that run by themselves: the TSC, which rs_vcpu_image_put() puts back in its own way, and
 * run time and reference counter of Hyper-V's interface, which only follow it. */
#define HV_X64_MSR_VP_RUNTIME 0x40000010
#define HV_X64_MSR_TIME_REF_COUNT 0x40000020

static bool is_clock(uint32_t index)
{
    return index == MSR_TSC || index == HV_X64_MSR_VP_RUNTIME || index == HV_X64_MSR_TIME_REF_COUNT;
}

static struct kvm_msr_list *list_msrs(const struct rs_vm *vm)
{
    size_t size = sizeof(struct kvm_msr_list) + (LISTED_MAX + UNLISTED_MAX) * sizeof(uint32_t);
    struct kvm_msr_list *list = calloc(1, size);

    if (!list)
        return NULL;
    list->nmsrs = LISTED_MAX;
    if (ioctl(vm->kvm_fd, KVM_GET_MSR_INDEX_LIST, list) != 0) {
        free(list);
        return NULL;
    }
    for (size_t i = 0; i < sizeof(unlisted) / sizeof(unlisted[0]); i++)
        for (uint32_t index = unlisted[i].first; index <= unlisted[i].last; index++)
            list->indices[list->nmsrs++] = index;
    return list;
}

static bool is_taken(const struct rs_vcpu_image *image, uint32_t index)
{
    for (unsigned i = 0; i < image->msr_count; i++)
        if (image->msrs[i].index == index)
            return true;
    return false;
}

/* Whether KVM takes a value back is seen by giving it the one that it has. */
static void take_one(struct rs_vcpu_image *image, struct rs_vcpu *vcpu, uint32_t index)
{
    struct rs_vcpu_msr msr = {.index = index};

    if (is_clock(index) || is_taken(image, index) || rs_vcpu_get_msr(vcpu, index, &msr.value) != 0)
        return;
    msr.settable = rs_vcpu_set_msr(vcpu, index, msr.value) == 0;
    image->msrs[image->msr_count++] = msr;
}

static int allocate(struct rs_vcpu_image *image, unsigned count)
{
    image->msrs = calloc(count, sizeof(*image->msrs));
    image->scratch =
        calloc(1, sizeof(*image->scratch) + count * sizeof(image->scratch->entries[0]));
    if (image->msrs && image->scratch)
        return 0;
    errno = ENOMEM;
    return -1;
}

int rs_vcpu_image_take_msrs(struct rs_vcpu_image *image, struct rs_vcpu *vcpu,
                            const struct rs_vm *vm)
{
    struct kvm_msr_list *list = list_msrs(vm);

    if (!list || allocate(image, list->nmsrs) != 0) {
        free(list);
        return -1;
    }
    for (uint32_t i = 0; i < list->nmsrs; i++)
        take_one(image, vcpu, list->indices[i]);
    free(list);
    return 0;
}

/* All of them in one ioctl; KVM stops at the first that it refuses. */
static int read_all(const struct rs_vcpu_image *image, struct rs_vcpu *vcpu)
{
    struct kvm_msrs *msrs = image->scratch;

    msrs->nmsrs = image->msr_count;
    for (unsigned i = 0; i < image->msr_count; i++)
        msrs->entries[i] = (struct kvm_msr_entry){.index = image->msrs[i].index};
    return ioctl(vcpu->fd, KVM_GET_MSRS, msrs) == (int)image->msr_count ? 0 : -1;
}

int rs_vcpu_image_put_msrs(const struct rs_vcpu_image *image, struct rs_vcpu *vcpu,
                           struct rs_error *error)
{
    if (read_all(image, vcpu) != 0)
        return rs_error_set(error, RS_EXIT_HOST, "KVM_GET_MSRS refuses what it has listed");
    for (unsigned i = 0; i < image->msr_count; i++) {
        const struct rs_vcpu_msr *msr = &image->msrs[i];

        if (image->scratch->entries[i].data != msr->value && msr->settable &&
            rs_vcpu_set_msr(vcpu, msr->index, msr->value) != 0)
            return rs_error_set(error, RS_EXIT_HOST, "KVM_SET_MSRS(%#x) refuses %#llx", msr->index,
                                (unsigned long long)msr->value);
    }
    return 0;
}

uint64_t rs_vcpu_image_digest_msrs(const struct rs_vcpu_image *image, uint64_t seed)
{
    uint64_t digest = seed;

    for (unsigned i = 0; i < image->msr_count; i++) {
        digest = rs_digest(digest, &image->msrs[i].index, sizeof(uint32_t));
        digest = rs_digest(digest, &image->msrs[i].value, sizeof(uint64_t));
    }
    return digest;
}
