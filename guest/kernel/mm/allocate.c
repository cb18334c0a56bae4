/* SPDX-License-Identifier: MIT
 * NtAllocateVirtualMemory. */

#include "region.h"

#include <nt/api.h>

/* Without an address the kernel chooses one; with one, it is rounded down to 64 KiB. */
static NTSTATUS reserve(const struct region *region, uint32_t type, unsigned protection,
                        uint64_t *start, uint64_t *end)
{
    uint64_t pages;
    struct mm_vad *vad;
    NTSTATUS status;

    if (region->base == 0) {
        uint64_t size = (region->size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);

        *start = MiFindGap(region->process, size, type & MEM_TOP_DOWN);
        *end = *start + size;
        if (*start == 0)
            return STATUS_NO_MEMORY;
    } else {
        *start &= ~(uint64_t)(ALLOCATION_GRANULARITY - 1);
        if (*start < MM_LOWEST_USER_ADDRESS)
            return STATUS_INVALID_PARAMETER_2;
    }
    pages = (*end - *start) / PAGE_SIZE;
    if ((type & MEM_COMMIT) && !MiCharge(region->process, pages))
        return STATUS_COMMITMENT_LIMIT;
    status = MiInsertVad(region->process, *start, *end, &vad);
    if (!NT_SUCCESS(status)) {
        if (type & MEM_COMMIT)
            MiUncharge(region->process, pages);
        return status;
    }
    vad->Committed = type & MEM_COMMIT;
    vad->Protection = (uint8_t)protection;
    vad->AllocationProtect = MiProtectionFlags(protection);
    return STATUS_SUCCESS;
}

/* Pages that are committed already keep their content and their protection. */
static NTSTATUS commit(const struct region *region, unsigned protection, uint64_t start,
                       uint64_t end)
{
    const struct mm_vad *vad = MiFindVad(region->process, start);

    if (!vad || vad->Image || end > vad->End)
        return STATUS_CONFLICTING_ADDRESSES;
    if (vad->Segment)
        return STATUS_ALREADY_COMMITTED;
    for (uint64_t address = start; address < end; address += PAGE_SIZE) {
        uint64_t *pte;

        MmBalance();
        pte = MiCreatePte(region->process, address);
        if (!pte)
            return STATUS_NO_MEMORY;
        if (MiPageProtection(vad, pte) != MM_DECOMMIT)
            continue;
        if (!MiCharge(region->process, 1))
            return STATUS_COMMITMENT_LIMIT;
        *pte = MiSoftwarePte(protection);
    }
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtAllocateVirtualMemory(HANDLE ProcessHandle, void **BaseAddress, uint64_t ZeroBits,
                                       uint64_t *RegionSize, uint32_t AllocationType,
                                       uint32_t Protect)
{
    const uint32_t known = MEM_COMMIT | MEM_RESERVE | MEM_TOP_DOWN;
    unsigned protection = MiProtectionCode(Protect);
    struct region region;
    uint64_t start, end;
    NTSTATUS status;

    if (ZeroBits > 20) /* at most the upper 20 of 52 bits; the low addresses chosen meet any */
        return STATUS_INVALID_PARAMETER_3;
    if ((AllocationType & ~known) || !(AllocationType & (MEM_COMMIT | MEM_RESERVE)))
        return STATUS_INVALID_PARAMETER_5;
    if (protection == 0 || (MiPteRights(protection) & MM_PTE_COPY_ON_WRITE))
        return STATUS_INVALID_PAGE_PROTECTION;
    status = MiReadRegion(ProcessHandle, BaseAddress, RegionSize, &region);
    if (!NT_SUCCESS(status))
        return status;
    if (region.base >= RS_GVA_USER_PROBE)
        return STATUS_INVALID_PARAMETER_2;
    if (region.size == 0 || !MiRoundRegion(&region, &start, &end))
        return STATUS_INVALID_PARAMETER_4;
    if (region.base == 0 || (AllocationType & MEM_RESERVE))
        status = reserve(&region, AllocationType, protection, &start, &end);
    else
        status = commit(&region, protection, start, end);
    return NT_SUCCESS(status) ? MiWriteRegion(BaseAddress, RegionSize, start, end) : status;
}
