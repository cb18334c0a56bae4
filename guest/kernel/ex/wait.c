/* SPDX-License-Identifier: MIT
 * Waiting and delays. Other threads may close what is waited for, so a wait has references. */

#include "ex.h"
#include "mm.h"
#include "scheduler.h"

#include <nt/api.h>

/* In continue.S the services store R12-R15 and go on here. */
NTSTATUS NTAPI KiDelayExecution(uint8_t Alertable, const int64_t *DelayInterval);
NTSTATUS NTAPI KiWaitForSingleObject(HANDLE Handle, uint8_t Alertable, const int64_t *Timeout);
NTSTATUS NTAPI KiYieldExecution(void);
NTSTATUS NTAPI KiWaitForMultipleObjects(uint32_t Count, const HANDLE *Handles, uint32_t WaitType,
                                        uint8_t Alertable, const int64_t *Timeout);
NTSTATUS NTAPI KiSignalAndWaitForSingleObject(HANDLE SignalHandle, HANDLE WaitHandle,
                                              uint8_t Alertable, const int64_t *Timeout);

/* *timeout: user_timeout's copy, or NULL for none. */
static NTSTATUS read_timeout(const int64_t *user_timeout, int64_t *copy, const int64_t **timeout)
{
    *timeout = user_timeout ? copy : NULL;
    return user_timeout ? MmReadUser(copy, user_timeout, sizeof(*copy)) : STATUS_SUCCESS;
}

NTSTATUS NTAPI KiDelayExecution(uint8_t Alertable, const int64_t *DelayInterval)
{
    int64_t interval;
    NTSTATUS status = MmReadUser(&interval, DelayInterval, sizeof(interval));

    return NT_SUCCESS(status) ? KeDelay(Alertable, &interval) : status;
}

NTSTATUS NTAPI KiYieldExecution(void)
{
    uint8_t irql = KiLockDispatcher();
    bool yielded = KiYield();

    KiUnlockDispatcher(irql);
    return yielded ? STATUS_SUCCESS : STATUS_NO_YIELD_PERFORMED;
}

NTSTATUS NTAPI NtTestAlert(void)
{
    NTSTATUS status = KeTestAlert(true);

    return status == STATUS_USER_APC ? STATUS_SUCCESS : status;
}

static NTSTATUS wait_referenced(uint32_t count, struct object *const *objects, bool all,
                                bool alertable, const int64_t *timeout)
{
    NTSTATUS status;

    for (uint32_t i = 0; i < count; i++)
        objects[i]->References++;
    status = KeWaitForObjects(count, objects, all, alertable, timeout);
    for (uint32_t i = 0; i < count; i++)
        ExDereference(objects[i]);
    return status;
}

NTSTATUS NTAPI KiWaitForSingleObject(HANDLE Handle, uint8_t Alertable, const int64_t *Timeout)
{
    struct object *object;
    const int64_t *timeout;
    int64_t copy;
    NTSTATUS status = ExReferenceHandle(Handle, OBJECT_FREE, SYNCHRONIZE, &object);

    if (NT_SUCCESS(status))
        status = read_timeout(Timeout, &copy, &timeout);
    return NT_SUCCESS(status) ? wait_referenced(1, &object, false, Alertable, timeout) : status;
}

static NTSTATUS read_handles(uint32_t count, const HANDLE *user_handles, struct object **objects)
{
    NTSTATUS status = STATUS_SUCCESS;

    for (uint32_t i = 0; i < count && NT_SUCCESS(status); i++) {
        HANDLE handle;

        status = MmReadUser(&handle, &user_handles[i], sizeof(handle));
        if (NT_SUCCESS(status))
            status = ExReferenceHandle(handle, OBJECT_FREE, SYNCHRONIZE, &objects[i]);
    }
    return status;
}

/* What is waited for all of must be different: one wait would take from it twice. */
static bool has_doubles(uint32_t count, struct object *const *objects)
{
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = i + 1; j < count; j++)
            if (objects[i] == objects[j])
                return true;
    return false;
}

NTSTATUS NTAPI KiWaitForMultipleObjects(uint32_t Count, const HANDLE *Handles, uint32_t WaitType,
                                        uint8_t Alertable, const int64_t *Timeout)
{
    struct object *objects[MAXIMUM_WAIT_OBJECTS];
    const int64_t *timeout;
    int64_t copy;
    NTSTATUS status;

    if (Count == 0 || Count > MAXIMUM_WAIT_OBJECTS)
        return STATUS_INVALID_PARAMETER_1;
    if (WaitType != WaitAll && WaitType != WaitAny)
        return STATUS_INVALID_PARAMETER_3;
    status = read_handles(Count, Handles, objects);
    if (NT_SUCCESS(status))
        status = read_timeout(Timeout, &copy, &timeout);
    if (NT_SUCCESS(status) && WaitType == WaitAll && has_doubles(Count, objects))
        status = STATUS_INVALID_PARAMETER_MIX;
    if (!NT_SUCCESS(status))
        return status;
    return wait_referenced(Count, objects, WaitType == WaitAll, Alertable, timeout);
}

static NTSTATUS signal(HANDLE handle)
{
    struct object *object;
    int32_t previous;
    NTSTATUS status = ExReferenceHandle(handle, OBJECT_FREE, 0, &object);

    if (!NT_SUCCESS(status))
        return status;
    switch (object->Type) {
    case OBJECT_EVENT:
        return NtSetEvent(handle, NULL);
    case OBJECT_SEMAPHORE:
        return NtReleaseSemaphore(handle, 1, NULL);
    case OBJECT_MUTANT:
        return KiReleaseMutant((struct kmutant *)object, KeGetCurrentThread(), false, &previous);
    default:
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
}

/* Nothing runs between the two: a thread in ring 0 is not pre-empted. */
NTSTATUS NTAPI KiSignalAndWaitForSingleObject(HANDLE SignalHandle, HANDLE WaitHandle,
                                              uint8_t Alertable, const int64_t *Timeout)
{
    struct object *object;
    const int64_t *timeout;
    int64_t copy;
    NTSTATUS status = ExReferenceHandle(WaitHandle, OBJECT_FREE, SYNCHRONIZE, &object);

    if (NT_SUCCESS(status))
        status = read_timeout(Timeout, &copy, &timeout);
    if (NT_SUCCESS(status))
        status = signal(SignalHandle);
    return NT_SUCCESS(status) ? wait_referenced(1, &object, false, Alertable, timeout) : status;
}
