/* SPDX-License-Identifier: MIT
 * NtLockVirtualMemory and NtUnlockVirtualMemory: pages that are not paged out. */

#include "region.h"

#include "ps.h"

#include <nt/api.h>

#define LOCKED_FRACTION 4 /* of the frames: the others have to be enough for everything else */

uint64_t MmLockedPages;

/* Reads a byte, and then takes the entry before anything else happens. */
static NTSTATUS lock_page(const struct kprocess *process, uint64_t page, bool *locked)
{
    uint8_t byte;
    uint64_t next, *pte;
    NTSTATUS status = MmReadUser(&byte, (void *)page, 1);

    if (!NT_SUCCESS(status))
        return status;
    pte = MiFindPte(process, page, &next);
    *locked = *pte & MM_PTE_LOCKED;
    if (!*locked) {
        __atomic_fetch_or(pte, MM_PTE_LOCKED, __ATOMIC_RELAXED); /* a processor may note PTE_D */
        MmLockedPages++;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS lock(const struct region *region, uint64_t start, uint64_t end)
{
    NTSTATUS result = STATUS_SUCCESS;
    bool locked;

    if (MmLockedPages + (end - start) / PAGE_SIZE >
        KeBootInfo->memory_size / PAGE_SIZE / LOCKED_FRACTION)
        return STATUS_WORKING_SET_QUOTA;
    for (uint64_t page = start; page < end; page += PAGE_SIZE) {
        NTSTATUS status = lock_page(region->process, page, &locked);

        if (!NT_SUCCESS(status))
            return status;
        if (locked)
            result = STATUS_WAS_LOCKED;
    }
    return result;
}

static bool is_locked(const struct kprocess *process, uint64_t page)
{
    uint64_t next, *pte = MiFindPte(process, page, &next);

    return pte && (*pte & PTE_P) && (*pte & MM_PTE_LOCKED);
}

/* All of them or none. */
static NTSTATUS unlock(const struct region *region, uint64_t start, uint64_t end)
{
    uint64_t next;

    for (uint64_t page = start; page < end; page += PAGE_SIZE)
        if (!is_locked(region->process, page))
            return STATUS_NOT_LOCKED;
    for (uint64_t page = start; page < end; page += PAGE_SIZE) {
        __atomic_fetch_and(MiFindPte(region->process, page, &next), ~MM_PTE_LOCKED,
                           __ATOMIC_RELAXED);
        MmLockedPages--;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS change(HANDLE process, void **base, uint64_t *size, uint32_t type,
                       NTSTATUS (*function)(const struct region *region, uint64_t start,
                                            uint64_t end))
{
    struct kprocess *before;
    struct region region;
    uint64_t start, end;
    NTSTATUS status, written;

    if (type != MAP_PROCESS && type != MAP_SYSTEM)
        return STATUS_INVALID_PARAMETER;
    status = MiReadRegion(process, base, size, &region);
    if (!NT_SUCCESS(status))
        return status;
    if (region.size == 0 || !MiRoundRegion(&region, &start, &end))
        return STATUS_INVALID_PARAMETER_3;
    before = KeAttachProcess(region.process);
    status = function(&region, start, end);
    KeDetachProcess(before);
    if (!NT_SUCCESS(status))
        return status;
    written = MiWriteRegion(base, size, start, end);
    return NT_SUCCESS(written) ? status : written;
}

NTSTATUS NTAPI NtLockVirtualMemory(HANDLE ProcessHandle, void **BaseAddress, uint64_t *RegionSize,
                                   uint32_t MapType)
{
    return change(ProcessHandle, BaseAddress, RegionSize, MapType, lock);
}

NTSTATUS NTAPI NtUnlockVirtualMemory(HANDLE ProcessHandle, void **BaseAddress, uint64_t *RegionSize,
                                     uint32_t MapType)
{
    return change(ProcessHandle, BaseAddress, RegionSize, MapType, unlock);
}
