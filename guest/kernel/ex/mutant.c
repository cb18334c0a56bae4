/* SPDX-License-Identifier: MIT
 * Mutants: NtCreateMutant, NtReleaseMutant, NtQueryMutant. */

#include "mm.h"
#include "pool.h"
#include "scheduler.h"

#include <nt/api.h>

NTSTATUS NTAPI NtCreateMutant(HANDLE *MutantHandle, uint32_t DesiredAccess,
                              const struct object_attributes *ObjectAttributes,
                              uint8_t InitialOwner)
{
    struct object *mutant;
    NTSTATUS status = ExBeginCreate(MutantHandle, ObjectAttributes);

    if (!NT_SUCCESS(status))
        return status;
    mutant = ExAllocateObject(OBJECT_MUTANT, 1);
    if (mutant && InitialOwner)
        KeWaitForObjects(1, &mutant, false, false, NULL); /* it is free: there is no wait */
    return ExEndCreate(mutant, DesiredAccess, MutantHandle);
}

NTSTATUS NTAPI NtReleaseMutant(HANDLE MutantHandle, int32_t *PreviousCount)
{
    struct object *mutant;
    int32_t previous;
    uint8_t irql;
    NTSTATUS status = ExReferenceHandle(MutantHandle, OBJECT_MUTANT, 0, &mutant);

    if (NT_SUCCESS(status) && PreviousCount)
        status = MmProbeForWrite(PreviousCount, sizeof(*PreviousCount));
    if (!NT_SUCCESS(status))
        return status;
    irql = KiLockDispatcher();
    status = KiReleaseMutant((struct kmutant *)mutant, KeGetCurrentThread(), false, &previous);
    KiUnlockDispatcher(irql);
    if (NT_SUCCESS(status) && PreviousCount)
        status = MmWriteUser(PreviousCount, &previous, sizeof(previous));
    return status;
}

NTSTATUS NTAPI NtQueryMutant(HANDLE MutantHandle, uint32_t InformationClass, void *Information,
                             uint32_t Length, uint32_t *ReturnLength)
{
    struct mutant_basic_information info = {0};
    const struct kmutant *mutant;
    struct object *object;
    NTSTATUS status;

    if (InformationClass != MutantBasicInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (Length != sizeof(info))
        return STATUS_INFO_LENGTH_MISMATCH;
    status = ExReferenceHandle(MutantHandle, OBJECT_MUTANT, MUTANT_QUERY_STATE, &object);
    if (!NT_SUCCESS(status))
        return status;
    mutant = (const struct kmutant *)object;
    info.CurrentCount = object->SignalState;
    info.OwnedByCaller = mutant->Owner == KeGetCurrentThread();
    info.AbandonedState = mutant->Abandoned;
    return MmWriteInformation(Information, &info, sizeof(info), ReturnLength);
}
