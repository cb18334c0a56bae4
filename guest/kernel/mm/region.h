/* SPDX-License-Identifier: MIT
 * The (BaseAddress, RegionSize) pair that three memory services take and give back. */
#ifndef MM_REGION_H
#define MM_REGION_H

#include "mm.h"

struct region {
    struct kprocess *process;
    uint64_t base, size;
};

/* Checks the process handle and both pointers, for reading and for writing back. */
NTSTATUS MiReadRegion(HANDLE process, void **base, uint64_t *size, struct region *region);
NTSTATUS MiWriteRegion(void **base, uint64_t *size, uint64_t start, uint64_t end);

/* True if [base, base + size) lies in user space; rounds outwards to pages. */
bool MiRoundRegion(const struct region *region, uint64_t *start, uint64_t *end);

#endif
