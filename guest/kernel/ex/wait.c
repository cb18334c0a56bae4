/* SPDX-License-Identifier: MIT
 * Waiting and delays. With one thread, nothing changes while it waits except the time. */

#include "ex.h"
#include "ke.h"
#include "mm.h"

#include <nt/api.h>

/* Negative: relative, in 100 ns units. Else a system time. */
static uint64_t interval_of(int64_t timeout)
{
    uint64_t now;

    if (timeout < 0)
        return -(uint64_t)timeout;
    now = KeQuerySystemTime();
    return (uint64_t)timeout > now ? (uint64_t)timeout - now : 0;
}

NTSTATUS NTAPI NtDelayExecution(uint8_t Alertable, const int64_t *DelayInterval)
{
    int64_t timeout;
    uint64_t interval;
    NTSTATUS status = MmReadUser(&timeout, DelayInterval, sizeof(timeout));

    (void)Alertable;
    if (!NT_SUCCESS(status))
        return status;
    interval = interval_of(timeout);
    if (interval)
        KeSleep(interval);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtYieldExecution(void)
{
    return STATUS_NO_YIELD_PERFORMED;
}

NTSTATUS NTAPI NtTestAlert(void)
{
    return STATUS_SUCCESS; /* not alerted */
}

/* No timeout: for ever, since nobody else could signal the object. */
static NTSTATUS wait_out(const int64_t *user_timeout)
{
    int64_t timeout;
    uint64_t interval;
    NTSTATUS status;

    if (!user_timeout)
        KeSleepForever();
    status = MmReadUser(&timeout, user_timeout, sizeof(timeout));
    if (!NT_SUCCESS(status))
        return status;
    interval = interval_of(timeout);
    if (interval)
        KeSleep(interval);
    return STATUS_TIMEOUT;
}

static void satisfy(struct object *object)
{
    if (object->AutoReset)
        object->Signaled = false;
}

/* Index of the object that satisfies a wait for any, or -1. */
static int first_signaled(struct object *const *objects, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (objects[i]->Signaled)
            return (int)i;
    return -1;
}

static bool all_signaled(struct object *const *objects, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!objects[i]->Signaled)
            return false;
    return true;
}

NTSTATUS NTAPI NtWaitForSingleObject(HANDLE Handle, uint8_t Alertable, const int64_t *Timeout)
{
    struct object *object;
    NTSTATUS status = ExReferenceHandle(Handle, OBJECT_FREE, SYNCHRONIZE, &object);

    (void)Alertable;
    if (!NT_SUCCESS(status))
        return status;
    if (!object->Signaled)
        return wait_out(Timeout);
    satisfy(object);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtWaitForMultipleObjects(uint32_t Count, const HANDLE *Handles, uint32_t WaitType,
                                        uint8_t Alertable, const int64_t *Timeout)
{
    struct object *objects[MAXIMUM_WAIT_OBJECTS];
    int first;

    (void)Alertable;
    if (Count == 0 || Count > MAXIMUM_WAIT_OBJECTS)
        return STATUS_INVALID_PARAMETER_1;
    if (WaitType != WaitAll && WaitType != WaitAny)
        return STATUS_INVALID_PARAMETER_3;
    for (uint32_t i = 0; i < Count; i++) {
        HANDLE handle;
        NTSTATUS status = MmReadUser(&handle, &Handles[i], sizeof(handle));

        if (NT_SUCCESS(status))
            status = ExReferenceHandle(handle, OBJECT_FREE, SYNCHRONIZE, &objects[i]);
        if (!NT_SUCCESS(status))
            return status;
    }
    if (WaitType == WaitAll && all_signaled(objects, Count)) {
        for (uint32_t i = 0; i < Count; i++)
            satisfy(objects[i]);
        return STATUS_SUCCESS;
    }
    first = WaitType == WaitAny ? first_signaled(objects, Count) : -1;
    if (first < 0)
        return wait_out(Timeout);
    satisfy(objects[first]);
    return STATUS_SUCCESS + first;
}
