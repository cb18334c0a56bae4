/* SPDX-License-Identifier: MIT
 * NtProtectVirtualMemory. */

#include "region.h"

#include <nt/api.h>

/* Where writing makes a copy, it goes on to do so until the page is the process's own. */
static unsigned page_protection(const struct mm_vad *vad, uint64_t pte, unsigned protection)
{
    bool own = MiPtePrivate(pte) || MiPteSlot(pte);

    return vad->CopyOnWrite && !own && (MiPteRights(protection) & PTE_W) ? protection | 1
                                                                         : protection;
}

/* A page keeps its frame, or its slot in the paging file. */
static void set_protection(const struct mm_vad *vad, uint64_t *pte, uint64_t address,
                           unsigned protection)
{
    protection = page_protection(vad, *pte, protection);
    if (MiPteResident(*pte))
        MiSetPte(pte, address,
                 MiValidPte(*pte & PTE_ADDRESS_MASK, protection) | (*pte & MM_PTE_LOCKED));
    else if (MiPteSlot(*pte))
        *pte = MiSlotPte(MiPteSlot(*pte), protection);
    else
        *pte = MiSoftwarePte(protection);
}

/* Views do no more than their section allows; what is private has nobody to copy from. */
static NTSTATUS check_protection(const struct mm_vad *vad, unsigned protection)
{
    uint64_t rights = MiPteRights(protection);

    if ((rights & MM_PTE_COPY_ON_WRITE) && !vad->CopyOnWrite)
        return STATUS_INVALID_PAGE_PROTECTION;
    if ((rights & PTE_W) && vad->Segment && !vad->CopyOnWrite && !vad->Writable)
        return STATUS_SECTION_PROTECTION;
    return STATUS_SUCCESS;
}

static NTSTATUS check_committed(const struct kprocess *process, const struct mm_vad *vad,
                                uint64_t start, uint64_t end)
{
    uint64_t next;

    for (uint64_t address = start; address < end; address = next)
        if (MiPageProtection(vad, MiFindPte(process, address, &next)) == MM_DECOMMIT)
            return STATUS_NOT_COMMITTED;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtProtectVirtualMemory(HANDLE ProcessHandle, void **BaseAddress,
                                      uint64_t *RegionSize, uint32_t NewProtect,
                                      uint32_t *OldProtect)
{
    unsigned protection = MiProtectionCode(NewProtect);
    struct region region;
    const struct mm_vad *vad;
    uint64_t start, end, next;
    uint32_t old;
    NTSTATUS status;

    if (protection == 0)
        return STATUS_INVALID_PAGE_PROTECTION;
    status = MiReadRegion(ProcessHandle, BaseAddress, RegionSize, &region);
    if (NT_SUCCESS(status))
        status = MmProbeForWrite(OldProtect, sizeof(*OldProtect));
    if (!NT_SUCCESS(status))
        return status;
    if (region.size == 0 || !MiRoundRegion(&region, &start, &end))
        return STATUS_INVALID_PARAMETER_2;
    vad = MiFindVad(region.process, start);
    if (!vad || end > vad->End)
        return STATUS_CONFLICTING_ADDRESSES;
    status = check_protection(vad, protection);
    if (NT_SUCCESS(status))
        status = check_committed(region.process, vad, start, end);
    if (!NT_SUCCESS(status))
        return status;
    old = MiProtectionFlags(MiPageProtection(vad, MiFindPte(region.process, start, &next)));
    for (uint64_t address = start; address < end; address += PAGE_SIZE) {
        uint64_t *pte;

        MmBalance();
        pte = MiCreatePte(region.process, address);
        if (!pte)
            return STATUS_NO_MEMORY;
        set_protection(vad, pte, address, protection);
    }
    status = MiWriteRegion(BaseAddress, RegionSize, start, end);
    return NT_SUCCESS(status) ? MmWriteUser(OldProtect, &old, sizeof(old)) : status;
}
