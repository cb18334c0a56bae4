/* SPDX-License-Identifier: MIT
 * NtFreeVirtualMemory. */

#include "region.h"

#include <nt/api.h>

/* Ranges without page tables are passed over where nothing in them is committed. */
static NTSTATUS decommit(struct kprocess *process, const struct mm_vad *vad, uint64_t start,
                         uint64_t end)
{
    uint64_t next;

    for (uint64_t address = start; address < end; address = next) {
        uint64_t *pte = MiFindPte(process, address, &next);

        if (MiPageProtection(vad, pte) == MM_DECOMMIT)
            continue;
        MmBalance();
        pte = MiCreatePte(process, address);
        if (!pte)
            return STATUS_NO_MEMORY;
        MiUncharge(process, 1);
        MiReleasePte(pte, address, MiSoftwarePte(MM_DECOMMIT));
        next = address + PAGE_SIZE;
    }
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtFreeVirtualMemory(HANDLE ProcessHandle, void **BaseAddress, uint64_t *RegionSize,
                                   uint32_t FreeType)
{
    struct region region;
    struct mm_vad *vad;
    uint64_t start, end;
    NTSTATUS status;

    if (FreeType != MEM_DECOMMIT && FreeType != MEM_RELEASE)
        return STATUS_INVALID_PARAMETER_4;
    status = MiReadRegion(ProcessHandle, BaseAddress, RegionSize, &region);
    if (!NT_SUCCESS(status))
        return status;
    if (region.base >= RS_GVA_USER_PROBE)
        return STATUS_INVALID_PARAMETER_2;
    if (!MiRoundRegion(&region, &start, &end))
        return STATUS_INVALID_PARAMETER_3;
    vad = MiFindVad(region.process, start);
    if (!vad)
        return STATUS_MEMORY_NOT_ALLOCATED;
    if (vad->Image || vad->Segment)
        return STATUS_UNABLE_TO_DELETE_SECTION;
    if (region.size == 0) { /* all of it, and then the address has to be its base */
        if (start != vad->Start)
            return STATUS_FREE_VM_NOT_AT_BASE;
        end = vad->End;
    }
    if (end > vad->End)
        return STATUS_UNABLE_TO_FREE_VM;
    if (FreeType == MEM_RELEASE)
        status = MiReleaseRange(region.process, vad, start, end);
    else
        status = decommit(region.process, vad, start, end);
    return NT_SUCCESS(status) ? MiWriteRegion(BaseAddress, RegionSize, start, end) : status;
}
