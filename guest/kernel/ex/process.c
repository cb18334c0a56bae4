/* SPDX-License-Identifier: MIT
 * Processes and threads: there is one of each. */

#include "ex.h"
#include "ke.h"
#include "mm.h"

#include <nt/api.h>

NTSTATUS NTAPI NtOpenProcess(HANDLE *ProcessHandle, uint32_t DesiredAccess,
                             const struct object_attributes *ObjectAttributes,
                             const struct client_id *ClientId)
{
    const struct client_id *own = &KeGetCurrentThread()->Cid;
    struct object_attributes attributes;
    struct client_id cid;
    HANDLE handle;
    NTSTATUS status = MmProbeForWrite(ProcessHandle, sizeof(*ProcessHandle));

    if (NT_SUCCESS(status))
        status = MmReadUser(&attributes, ObjectAttributes, sizeof(attributes));
    if (NT_SUCCESS(status) && (attributes.Length != sizeof(attributes) || !ClientId ||
                               attributes.ObjectName)) /* by identity only, never by name */
        status = STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(status))
        status = MmReadUser(&cid, ClientId, sizeof(cid));
    if (!NT_SUCCESS(status))
        return status;
    if (cid.UniqueThread && cid.UniqueThread != own->UniqueThread)
        return STATUS_INVALID_CID;
    if (cid.UniqueProcess != own->UniqueProcess)
        return cid.UniqueThread ? STATUS_INVALID_CID : STATUS_INVALID_PARAMETER;
    status = ExCreateHandle(&ExProcessObject, DesiredAccess, &handle);
    if (NT_SUCCESS(status))
        MmWriteUser(ProcessHandle, &handle, sizeof(handle)); /* probed before */
    return status;
}

/* A null handle means every thread but the caller's: there is none. */
NTSTATUS NTAPI NtTerminateProcess(HANDLE ProcessHandle, NTSTATUS ExitStatus)
{
    NTSTATUS status;

    if (!ProcessHandle)
        return STATUS_SUCCESS;
    status = ExReferenceProcess(ProcessHandle, PROCESS_TERMINATE);
    if (NT_SUCCESS(status))
        KeEndProgram(ExitStatus);
    return status;
}

/* The process ends with its last thread. */
NTSTATUS NTAPI NtTerminateThread(HANDLE ThreadHandle, NTSTATUS ExitStatus)
{
    struct object *object;
    NTSTATUS status;

    if (!ThreadHandle)
        ThreadHandle = NtCurrentThread();
    status = ExReferenceHandle(ThreadHandle, OBJECT_THREAD, 0, &object);
    if (NT_SUCCESS(status))
        KeEndProgram(ExitStatus);
    return status;
}

NTSTATUS NTAPI NtQueryInformationProcess(HANDLE ProcessHandle, uint32_t InformationClass,
                                         void *Information, uint32_t Length, uint32_t *ReturnLength)
{
    const struct kthread *thread = KeGetCurrentThread();
    const struct process_basic_information info = {
        .ExitStatus = STATUS_PENDING, /* not ended */
        .PebBaseAddress = (void *)MM_USER_PEB,
        .AffinityMask = 1,
        .BasePriority = 8,
        .UniqueProcessId = thread->Cid.UniqueProcess,
    };
    const uint32_t size = sizeof(info);
    NTSTATUS status;

    if (InformationClass != ProcessBasicInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (Length != size)
        return STATUS_INFO_LENGTH_MISMATCH;
    status = ExReferenceProcess(ProcessHandle, PROCESS_QUERY_INFORMATION);
    if (NT_SUCCESS(status))
        status = MmWriteUser(Information, &info, size);
    if (NT_SUCCESS(status) && ReturnLength)
        status = MmWriteUser(ReturnLength, &size, sizeof(size));
    return status;
}

NTSTATUS NTAPI NtGetCurrentProcessorNumber(void)
{
    return 0;
}
