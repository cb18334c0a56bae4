/* SPDX-License-Identifier: MIT
 * NtReadVirtualMemory and NtWriteVirtualMemory: the only process can reach itself. */

#include "ex.h"
#include "ke.h"
#include "mm.h"

#include <nt/api.h>

/* Page by page of the source and target, so that a partial copy reports what it has done. */
static NTSTATUS copy(void *to, const void *from, uint64_t size, uint64_t *done)
{
    if (!MmIsUserRange(to, size) || !MmIsUserRange(from, size))
        return STATUS_ACCESS_VIOLATION;
    for (*done = 0; *done < size;) {
        uint64_t target = (uint64_t)to + *done, source = (uint64_t)from + *done;
        uint64_t piece = size - *done;
        uint64_t target_left = PAGE_SIZE - (target & (PAGE_SIZE - 1));
        uint64_t source_left = PAGE_SIZE - (source & (PAGE_SIZE - 1));

        piece = piece < target_left ? piece : target_left;
        piece = piece < source_left ? piece : source_left;
        if (!NT_SUCCESS(KiGuardedCopy((void *)target, (const void *)source, piece)))
            return *done ? STATUS_PARTIAL_COPY : STATUS_ACCESS_VIOLATION;
        *done += piece;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS copy_and_report(HANDLE process, uint32_t access, void *to, const void *from,
                                uint64_t size, uint64_t *user_done)
{
    uint64_t done = 0;
    NTSTATUS status = user_done ? MmProbeForWrite(user_done, sizeof(*user_done)) : STATUS_SUCCESS;

    if (NT_SUCCESS(status))
        status = ExReferenceProcess(process, access);
    if (!NT_SUCCESS(status))
        return status;
    status = copy(to, from, size, &done);
    if (user_done)
        MmWriteUser(user_done, &done, sizeof(done)); /* probed before */
    return status;
}

NTSTATUS NTAPI NtReadVirtualMemory(HANDLE ProcessHandle, const void *BaseAddress, void *Buffer,
                                   uint64_t Size, uint64_t *BytesRead)
{
    return copy_and_report(ProcessHandle, PROCESS_VM_READ, Buffer, BaseAddress, Size, BytesRead);
}

NTSTATUS NTAPI NtWriteVirtualMemory(HANDLE ProcessHandle, void *BaseAddress, const void *Buffer,
                                    uint64_t Size, uint64_t *BytesWritten)
{
    return copy_and_report(ProcessHandle, PROCESS_VM_WRITE, BaseAddress, Buffer, Size,
                           BytesWritten);
}
