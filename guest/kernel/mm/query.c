/* SPDX-License-Identifier: MIT
 * NtQueryVirtualMemory: MemoryBasicInformation. */

#include "ex.h"
#include "ke.h"
#include "mm.h"

#include <nt/api.h>

static void describe_free(const struct kprocess *process, uint64_t page,
                          struct memory_basic_information *info)
{
    const struct mm_vad *vad = process->Vads;

    while (vad && vad->Start < page)
        vad = vad->Next;
    info->RegionSize = (vad ? vad->Start : RS_GVA_USER_PROBE) - page;
    info->State = MEM_FREE;
    info->Protect = PAGE_NOACCESS;
}

/* The region ends where the state or the protection changes. */
static void describe(const struct kprocess *process, const struct mm_vad *vad, uint64_t page,
                     struct memory_basic_information *info)
{
    uint64_t next, end = page;
    unsigned protection = MiPageProtection(vad, MiFindPte(process, page, &next));

    while (end < vad->End && MiPageProtection(vad, MiFindPte(process, end, &next)) == protection)
        end = next;
    if (end > vad->End)
        end = vad->End;
    info->AllocationBase = (void *)vad->AllocationBase;
    info->AllocationProtect = vad->AllocationProtect;
    info->RegionSize = end - page;
    info->State = protection == MM_DECOMMIT ? MEM_RESERVE : MEM_COMMIT;
    info->Protect = protection == MM_DECOMMIT ? 0 : MiProtectionFlags(protection);
    info->Type = vad->Image ? MEM_IMAGE : vad->Segment ? MEM_MAPPED : MEM_PRIVATE;
}

NTSTATUS NTAPI NtQueryVirtualMemory(HANDLE ProcessHandle, const void *BaseAddress,
                                    uint32_t InformationClass, void *Information, uint64_t Length,
                                    uint64_t *ReturnLength)
{
    struct kprocess *process;
    uint64_t page = (uint64_t)BaseAddress & ~(PAGE_SIZE - 1), size;
    struct memory_basic_information info = {.BaseAddress = (void *)page};
    const struct mm_vad *vad;
    NTSTATUS status;

    if (InformationClass != MemoryBasicInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (Length < sizeof(info))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (page >= RS_GVA_USER_PROBE)
        return STATUS_INVALID_PARAMETER;
    status = ExReferenceProcess(ProcessHandle, PROCESS_QUERY_INFORMATION, &process);
    if (NT_SUCCESS(status) && !process->ThreadCount)
        status = STATUS_PROCESS_IS_TERMINATING;
    if (!NT_SUCCESS(status))
        return status;
    vad = MiFindVad(process, page);
    if (vad)
        describe(process, vad, page, &info);
    else
        describe_free(process, page, &info);
    size = sizeof(info);
    status = MmWriteUser(Information, &info, sizeof(info));
    if (NT_SUCCESS(status) && ReturnLength)
        status = MmWriteUser(ReturnLength, &size, sizeof(size));
    return status;
}
