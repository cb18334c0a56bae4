/* SPDX-License-Identifier: MIT
 * KVM's MSR filter: which accesses leave the guest. */
#include "vm.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

static int by_first(const void *left, const void *right)
{
    const struct rs_msr_range *a = left, *b = right;

    return a->first < b->first ? -1 : a->first > b->first;
}

static bool fits(const struct rs_msr_range *ranges, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if ((uint64_t)ranges[i].last - ranges[i].first >= RS_MSR_RANGE_SPAN)
            return false;
    return count <= RS_MSR_RANGES_MAX;
}

/* What lies between sorted ranges, and outside them. `gaps` has room for count + 1. */
static unsigned find_gaps(const struct rs_msr_range *ranges, unsigned count,
                          struct rs_msr_range *gaps)
{
    uint64_t next = 0;
    unsigned used = 0;

    for (unsigned i = 0; i < count; i++) {
        if (ranges[i].first > next)
            gaps[used++] = (struct rs_msr_range){(uint32_t)next, ranges[i].first - 1, true, true};
        if ((uint64_t)ranges[i].last + 1 > next)
            next = (uint64_t)ranges[i].last + 1;
    }
    if (next <= UINT32_MAX)
        gaps[used++] = (struct rs_msr_range){(uint32_t)next, UINT32_MAX, true, true};
    return used;
}

/* A set bit allows, a clear bit denies: the access exits. */
static int set_filter(struct rs_vm *vm, const struct rs_msr_range *ranges, unsigned count,
                      bool deny_others, struct rs_error *error)
{
    static uint8_t deny[RS_MSR_RANGE_SPAN / 8], allow[RS_MSR_RANGE_SPAN / 8];
    struct kvm_msr_filter filter = {
        .flags = deny_others ? KVM_MSR_FILTER_DEFAULT_DENY : KVM_MSR_FILTER_DEFAULT_ALLOW,
    };

    memset(allow, 0xff, sizeof(allow));
    for (unsigned i = 0; i < count; i++)
        filter.ranges[i] = (struct kvm_msr_filter_range){
            .flags = (ranges[i].read ? KVM_MSR_FILTER_READ : 0) |
                     (ranges[i].write ? KVM_MSR_FILTER_WRITE : 0),
            .nmsrs = ranges[i].last - ranges[i].first + 1,
            .base = ranges[i].first,
            .bitmap = deny_others ? allow : deny,
        };
    if (ioctl(vm->fd, KVM_X86_SET_MSR_FILTER, &filter) != 0)
        return rs_error_errno(error, RS_EXIT_HOST, errno, "KVM_X86_SET_MSR_FILTER");
    return 0;
}

int rs_vm_set_msr_filter(struct rs_vm *vm, const struct rs_msr_range *ranges, unsigned count,
                         struct rs_error *error)
{
    /* KVM takes "deny all" only with a range in it. */
    static const struct rs_msr_range last_msr = {UINT32_MAX, UINT32_MAX, true, true};
    struct rs_msr_range sorted[2 * RS_MSR_RANGES_MAX], gaps[2 * RS_MSR_RANGES_MAX + 1];
    unsigned gap_count;

    if (fits(ranges, count))
        return set_filter(vm, ranges, count, false, error);
    if (count > 2 * RS_MSR_RANGES_MAX)
        return rs_error_set(error, RS_EXIT_USAGE, "%u ranges of MSRs: KVM filters at most %d",
                            count, RS_MSR_RANGES_MAX);
    memcpy(sorted, ranges, count * sizeof(*ranges));
    qsort(sorted, count, sizeof(*sorted), by_first);
    gap_count = find_gaps(sorted, count, gaps);
    if (!fits(gaps, gap_count))
        return rs_error_set(error, RS_EXIT_USAGE,
                            "these MSR ranges are too long: KVM filters %d ranges of %d MSRs, or "
                            "all but so many",
                            RS_MSR_RANGES_MAX, RS_MSR_RANGE_SPAN);
    return gap_count > 0 ? set_filter(vm, gaps, gap_count, true, error)
                         : set_filter(vm, &last_msr, 1, true, error);
}
