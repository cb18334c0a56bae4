/* SPDX-License-Identifier: MIT
 * NtClose and NtDuplicateObject. */

#include "ex.h"
#include "mm.h"

#include <nt/api.h>

NTSTATUS NTAPI NtClose(HANDLE Handle)
{
    return ExCloseHandle(Handle);
}

/* One object, one more handle. Rights can be asked for that the source handle has not. */
static NTSTATUS duplicate(HANDLE source, uint32_t access, uint32_t options, HANDLE *handle)
{
    struct object *object;
    uint32_t source_access;
    NTSTATUS status = ExHandleAccess(source, &source_access);

    if (NT_SUCCESS(status))
        status = ExReferenceHandle(source, OBJECT_FREE, 0, &object);
    if (!NT_SUCCESS(status))
        return status;
    return ExCreateHandle(object, options & DUPLICATE_SAME_ACCESS ? source_access : access, handle);
}

NTSTATUS NTAPI NtDuplicateObject(HANDLE SourceProcess, HANDLE SourceHandle, HANDLE TargetProcess,
                                 HANDLE *TargetHandle, uint32_t DesiredAccess,
                                 uint32_t HandleAttributes, uint32_t Options)
{
    HANDLE handle = NULL;
    NTSTATUS status = STATUS_SUCCESS;

    (void)HandleAttributes; /* inheritance needs a second process */
    if (TargetHandle)
        status = MmProbeForWrite(TargetHandle, sizeof(*TargetHandle));
    if (NT_SUCCESS(status))
        status = ExReferenceProcess(SourceProcess, PROCESS_DUP_HANDLE);
    if (NT_SUCCESS(status) && TargetProcess)
        status = ExReferenceProcess(TargetProcess, PROCESS_DUP_HANDLE);
    if (NT_SUCCESS(status) && !TargetProcess && !(Options & DUPLICATE_CLOSE_SOURCE))
        status = STATUS_INVALID_PARAMETER;
    if (!NT_SUCCESS(status))
        return status;
    if (TargetProcess)
        status = duplicate(SourceHandle, DesiredAccess, Options, &handle);
    if (Options & DUPLICATE_CLOSE_SOURCE) { /* whether or not that worked */
        NTSTATUS closed = ExCloseHandle(SourceHandle);

        status = NT_SUCCESS(status) ? closed : status;
    }
    if (TargetHandle)
        MmWriteUser(TargetHandle, &handle, sizeof(handle)); /* probed before */
    return status;
}
