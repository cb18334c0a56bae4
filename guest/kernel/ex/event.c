/* SPDX-License-Identifier: MIT
 * Events: NtCreateEvent, NtSetEvent, NtPulseEvent, NtResetEvent, NtClearEvent, NtQueryEvent. */

#include "mm.h"
#include "pool.h"
#include "scheduler.h"

#include <nt/api.h>

NTSTATUS NTAPI NtCreateEvent(HANDLE *EventHandle, uint32_t DesiredAccess,
                             const struct object_attributes *ObjectAttributes, uint32_t EventType,
                             uint8_t InitialState)
{
    struct object *event;
    NTSTATUS status = MmProbeForWrite(EventHandle, sizeof(*EventHandle));

    if (NT_SUCCESS(status) && EventType != NotificationEvent && EventType != SynchronizationEvent)
        status = STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(status))
        status = ExCheckAttributes(ObjectAttributes);
    if (!NT_SUCCESS(status))
        return status;
    event = ExAllocateObject(OBJECT_EVENT, InitialState != 0);
    if (event)
        event->Synchronization = EventType == SynchronizationEvent;
    return ExEndCreate(event, DesiredAccess, EventHandle);
}

enum change {
    SET,
    RESET,
    PULSE
};

void KeSetEvent(struct object *event)
{
    uint8_t irql = KiLockDispatcher();

    event->SignalState = 1;
    KiSignalObject(event);
    KiUnlockDispatcher(irql);
}

static NTSTATUS change_event(HANDLE handle, enum change change, int32_t *user_previous)
{
    struct object *event;
    int32_t previous;
    NTSTATUS status = ExReferenceHandle(handle, OBJECT_EVENT, EVENT_MODIFY_STATE, &event);

    if (NT_SUCCESS(status) && user_previous)
        status = MmProbeForWrite(user_previous, sizeof(*user_previous));
    if (!NT_SUCCESS(status))
        return status;
    previous = event->SignalState;
    if (change != RESET)
        KeSetEvent(event);
    if (change != SET)
        event->SignalState = 0;
    return user_previous ? MmWriteUser(user_previous, &previous, sizeof(previous)) : STATUS_SUCCESS;
}

NTSTATUS NTAPI NtSetEvent(HANDLE EventHandle, int32_t *PreviousState)
{
    return change_event(EventHandle, SET, PreviousState);
}

NTSTATUS NTAPI NtPulseEvent(HANDLE EventHandle, int32_t *PreviousState)
{
    return change_event(EventHandle, PULSE, PreviousState);
}

NTSTATUS NTAPI NtResetEvent(HANDLE EventHandle, int32_t *PreviousState)
{
    return change_event(EventHandle, RESET, PreviousState);
}

NTSTATUS NTAPI NtClearEvent(HANDLE EventHandle)
{
    return change_event(EventHandle, RESET, NULL);
}

NTSTATUS NTAPI NtQueryEvent(HANDLE EventHandle, uint32_t InformationClass, void *Information,
                            uint32_t Length, uint32_t *ReturnLength)
{
    struct event_basic_information info;
    struct object *event;
    NTSTATUS status;

    if (InformationClass != EventBasicInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (Length != sizeof(info))
        return STATUS_INFO_LENGTH_MISMATCH;
    status = ExReferenceHandle(EventHandle, OBJECT_EVENT, EVENT_QUERY_STATE, &event);
    if (!NT_SUCCESS(status))
        return status;
    info.EventType = event->Synchronization;
    info.EventState = event->SignalState;
    return MmWriteInformation(Information, &info, sizeof(info), ReturnLength);
}
