/* SPDX-License-Identifier: MIT
 * Semaphores: NtCreateSemaphore, NtReleaseSemaphore, NtQuerySemaphore. */

#include "mm.h"
#include "pool.h"
#include "scheduler.h"

#include <nt/api.h>

NTSTATUS NTAPI NtCreateSemaphore(HANDLE *SemaphoreHandle, uint32_t DesiredAccess,
                                 const struct object_attributes *ObjectAttributes,
                                 int32_t InitialCount, int32_t MaximumCount)
{
    struct object *semaphore;
    NTSTATUS status = ExBeginCreate(SemaphoreHandle, ObjectAttributes);

    if (NT_SUCCESS(status) &&
        (MaximumCount <= 0 || InitialCount < 0 || InitialCount > MaximumCount))
        status = STATUS_INVALID_PARAMETER;
    if (!NT_SUCCESS(status))
        return status;
    semaphore = ExAllocateObject(OBJECT_SEMAPHORE, InitialCount);
    if (semaphore)
        ((struct ksemaphore *)semaphore)->Limit = MaximumCount;
    return ExEndCreate(semaphore, DesiredAccess, SemaphoreHandle);
}

static NTSTATUS release(struct ksemaphore *semaphore, int32_t count, int32_t *previous)
{
    struct object *object = &semaphore->Object;
    uint8_t irql = KiLockDispatcher();
    NTSTATUS status = STATUS_SUCCESS;

    *previous = object->SignalState;
    if (count > semaphore->Limit - object->SignalState) {
        status = STATUS_SEMAPHORE_LIMIT_EXCEEDED;
    } else {
        object->SignalState += count;
        KiSignalObject(object);
    }
    KiUnlockDispatcher(irql);
    return status;
}

NTSTATUS NTAPI NtReleaseSemaphore(HANDLE SemaphoreHandle, int32_t ReleaseCount,
                                  int32_t *PreviousCount)
{
    struct object *semaphore;
    int32_t previous;
    NTSTATUS status;

    if (ReleaseCount <= 0)
        return STATUS_INVALID_PARAMETER;
    status =
        ExReferenceHandle(SemaphoreHandle, OBJECT_SEMAPHORE, SEMAPHORE_MODIFY_STATE, &semaphore);
    if (NT_SUCCESS(status) && PreviousCount)
        status = MmProbeForWrite(PreviousCount, sizeof(*PreviousCount));
    if (NT_SUCCESS(status))
        status = release((struct ksemaphore *)semaphore, ReleaseCount, &previous);
    if (NT_SUCCESS(status) && PreviousCount)
        status = MmWriteUser(PreviousCount, &previous, sizeof(previous));
    return status;
}

NTSTATUS NTAPI NtQuerySemaphore(HANDLE SemaphoreHandle, uint32_t InformationClass,
                                void *Information, uint32_t Length, uint32_t *ReturnLength)
{
    struct semaphore_basic_information info;
    struct object *semaphore;
    NTSTATUS status;

    if (InformationClass != SemaphoreBasicInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (Length != sizeof(info))
        return STATUS_INFO_LENGTH_MISMATCH;
    status =
        ExReferenceHandle(SemaphoreHandle, OBJECT_SEMAPHORE, SEMAPHORE_QUERY_STATE, &semaphore);
    if (!NT_SUCCESS(status))
        return status;
    info.CurrentCount = (uint32_t)semaphore->SignalState;
    info.MaximumCount = (uint32_t)((struct ksemaphore *)semaphore)->Limit;
    return MmWriteInformation(Information, &info, sizeof(info), ReturnLength);
}
