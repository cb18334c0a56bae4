/* SPDX-License-Identifier: MIT
 * NtProtectVirtualMemory. */

#include "cpu.h"
#include "region.h"

#include <nt/api.h>

/*
 * A page in memory keeps its frame. The exception is a file page that is mapped where the VMM
 * loaded it: it is dropped when it becomes writable, so that its next use makes a copy.
 */
static void set_protection(uint64_t *pte, uint64_t address, unsigned protection)
{
    bool resident = *pte & (PTE_P | MM_PTE_TRANSITION);
    uint64_t frame = *pte & PTE_ADDRESS_MASK;

    if (!resident)
        *pte = MiSoftwarePte(protection);
    else if (!MiIsOwnFrame(frame) && (MiPteRights(protection) & PTE_W))
        *pte = MiSoftwarePte(protection);
    else
        *pte = MiValidPte(frame, protection);
    KiInvalidatePage(address);
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
    status = check_committed(region.process, vad, start, end);
    if (!NT_SUCCESS(status))
        return status;
    old = MiProtectionFlags(MiPageProtection(vad, MiFindPte(region.process, start, &next)));
    for (uint64_t address = start; address < end; address += PAGE_SIZE) {
        uint64_t *pte = MiCreatePte(region.process, address);

        if (!pte)
            return STATUS_NO_MEMORY;
        set_protection(pte, address, protection);
    }
    status = MiWriteRegion(BaseAddress, RegionSize, start, end);
    return NT_SUCCESS(status) ? MmWriteUser(OldProtect, &old, sizeof(old)) : status;
}
