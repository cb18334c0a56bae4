/* SPDX-License-Identifier: MIT
 * Events: NtCreateEvent, NtSetEvent, NtResetEvent, NtClearEvent. */

#include "ex.h"
#include "io.h"
#include "mm.h"

#include <nt/api.h>

#define EVENTS_MAX 128

static struct object events[EVENTS_MAX];

static struct object *allocate_event(void)
{
    for (unsigned i = 0; i < EVENTS_MAX; i++)
        if (events[i].Type == OBJECT_FREE)
            return &events[i];
    return NULL;
}

/* With its last handle an object ends; the others are there for the life of the system. */
void ExDereference(struct object *object)
{
    if (--object->References)
        return;
    if (object->Type == OBJECT_EVENT)
        object->Type = OBJECT_FREE;
    else if (object->Type == OBJECT_FILE)
        IoDeleteFile(object);
    else if (object->Type == OBJECT_SECTION)
        MmDeleteSection(object);
}

/* Events have no names here: attributes with a name are refused rather than ignored. */
static NTSTATUS check_attributes(const struct object_attributes *user_attributes)
{
    struct object_attributes attributes;
    NTSTATUS status;

    if (!user_attributes)
        return STATUS_SUCCESS;
    status = MmReadUser(&attributes, user_attributes, sizeof(attributes));
    if (!NT_SUCCESS(status))
        return status;
    if (attributes.Length != sizeof(attributes))
        return STATUS_INVALID_PARAMETER;
    return attributes.ObjectName ? STATUS_NOT_SUPPORTED : STATUS_SUCCESS;
}

NTSTATUS NTAPI NtCreateEvent(HANDLE *EventHandle, uint32_t DesiredAccess,
                             const struct object_attributes *ObjectAttributes, uint32_t EventType,
                             uint8_t InitialState)
{
    struct object *event;
    HANDLE handle;
    NTSTATUS status = MmProbeForWrite(EventHandle, sizeof(*EventHandle));

    if (NT_SUCCESS(status) && EventType != NotificationEvent && EventType != SynchronizationEvent)
        status = STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(status))
        status = check_attributes(ObjectAttributes);
    if (!NT_SUCCESS(status))
        return status;
    event = allocate_event();
    if (!event)
        return STATUS_INSUFFICIENT_RESOURCES;
    *event = (struct object){.Signaled = InitialState, .AutoReset = EventType};
    status = ExCreateHandle(event, DesiredAccess, &handle);
    if (!NT_SUCCESS(status))
        return status;
    event->Type = OBJECT_EVENT;
    MmWriteUser(EventHandle, &handle, sizeof(handle)); /* probed before */
    return STATUS_SUCCESS;
}

static NTSTATUS change_event(HANDLE handle, bool signaled, int32_t *user_previous)
{
    struct object *event;
    int32_t previous;
    NTSTATUS status = ExReferenceHandle(handle, OBJECT_EVENT, EVENT_MODIFY_STATE, &event);

    if (NT_SUCCESS(status) && user_previous)
        status = MmProbeForWrite(user_previous, sizeof(*user_previous));
    if (!NT_SUCCESS(status))
        return status;
    previous = event->Signaled;
    event->Signaled = signaled;
    return user_previous ? MmWriteUser(user_previous, &previous, sizeof(previous)) : STATUS_SUCCESS;
}

NTSTATUS NTAPI NtSetEvent(HANDLE EventHandle, int32_t *PreviousState)
{
    return change_event(EventHandle, true, PreviousState);
}

NTSTATUS NTAPI NtResetEvent(HANDLE EventHandle, int32_t *PreviousState)
{
    return change_event(EventHandle, false, PreviousState);
}

NTSTATUS NTAPI NtClearEvent(HANDLE EventHandle)
{
    return change_event(EventHandle, false, NULL);
}
