/* SPDX-License-Identifier: MIT
 * Common first and last steps of the memory services. */

#include "region.h"

#include "ex.h"
#include "ke.h"

NTSTATUS MiReadRegion(HANDLE process, void **base, uint64_t *size, struct region *region)
{
    NTSTATUS status = MmReadUser(&region->base, base, sizeof(region->base));

    if (NT_SUCCESS(status))
        status = MmReadUser(&region->size, size, sizeof(region->size));
    if (NT_SUCCESS(status))
        status = MmProbeForWrite(base, sizeof(*base));
    if (NT_SUCCESS(status))
        status = MmProbeForWrite(size, sizeof(*size));
    if (NT_SUCCESS(status))
        status = ExReferenceProcess(process, PROCESS_VM_OPERATION, &region->process);
    if (NT_SUCCESS(status) && !region->process->ThreadCount)
        status = STATUS_PROCESS_IS_TERMINATING;
    return status;
}

NTSTATUS MiWriteRegion(void **base, uint64_t *size, uint64_t start, uint64_t end)
{
    uint64_t length = end - start;
    NTSTATUS status = MmWriteUser(size, &length, sizeof(length));

    return NT_SUCCESS(status) ? MmWriteUser(base, &start, sizeof(start)) : status;
}

bool MiRoundRegion(const struct region *region, uint64_t *start, uint64_t *end)
{
    if (region->base >= RS_GVA_USER_PROBE || region->size > RS_GVA_USER_PROBE - region->base)
        return false;
    *start = region->base & ~(PAGE_SIZE - 1);
    *end = (region->base + region->size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    return true;
}
