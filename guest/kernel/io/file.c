/* SPDX-License-Identifier: MIT
 * NtReadFile, NtWriteFile, NtDisplayString: the console is the only file. */

#include "ex.h"
#include "io.h"
#include "mm.h"
#include "scheduler.h"

#include <nt/api.h>

/* In continue.S the service stores R12-R15 and goes on here. */
NTSTATUS NTAPI KiReadFile(HANDLE FileHandle, HANDLE Event, void *ApcRoutine, void *ApcContext,
                          struct io_status_block *IoStatusBlock, void *Buffer, uint32_t Length,
                          const int64_t *ByteOffset, const uint32_t *Key);

/* An asynchronous procedure cannot be queued: there is no alertable wait to run it. */
static NTSTATUS check_request(HANDLE file, uint32_t access, HANDLE event, const void *apc,
                              struct io_status_block *io_status, struct object **event_object)
{
    struct object *object;
    NTSTATUS status = ExReferenceHandle(file, OBJECT_CONSOLE, access, &object);

    *event_object = NULL;
    if (NT_SUCCESS(status) && apc)
        status = STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(status) && event)
        status = ExReferenceHandle(event, OBJECT_EVENT, EVENT_MODIFY_STATE, event_object);
    if (NT_SUCCESS(status))
        status = MmProbeForWrite(io_status, sizeof(*io_status));
    if (NT_SUCCESS(status) && *event_object)
        (*event_object)->SignalState = 0;
    return status;
}

static NTSTATUS complete(NTSTATUS status, uint32_t information, struct io_status_block *io_status,
                         struct object *event_object)
{
    struct io_status_block block = {.Pointer = NULL, .Information = information};

    block.Status = status;
    if (event_object)
        KeSetEvent(event_object);
    MmWriteUser(io_status, &block, sizeof(block)); /* probed before */
    return status;
}

NTSTATUS NTAPI NtWriteFile(HANDLE FileHandle, HANDLE Event, void *ApcRoutine, void *ApcContext,
                           struct io_status_block *IoStatusBlock, const void *Buffer,
                           uint32_t Length, const int64_t *ByteOffset, const uint32_t *Key)
{
    struct object *event;
    NTSTATUS status;

    (void)ApcContext, (void)ByteOffset, (void)Key; /* a console has no position */
    status = check_request(FileHandle, FILE_WRITE_DATA, Event, ApcRoutine, IoStatusBlock, &event);
    if (!NT_SUCCESS(status))
        return status;
    status = IoWriteConsole(Buffer, Length);
    return complete(status, NT_SUCCESS(status) ? Length : 0, IoStatusBlock, event);
}

NTSTATUS NTAPI KiReadFile(HANDLE FileHandle, HANDLE Event, void *ApcRoutine, void *ApcContext,
                          struct io_status_block *IoStatusBlock, void *Buffer, uint32_t Length,
                          const int64_t *ByteOffset, const uint32_t *Key)
{
    struct object *event;
    uint32_t received;
    NTSTATUS status;

    (void)ApcContext, (void)ByteOffset, (void)Key;
    status = check_request(FileHandle, FILE_READ_DATA, Event, ApcRoutine, IoStatusBlock, &event);
    if (NT_SUCCESS(status))
        status = MmProbeForWrite(Buffer, Length); /* before a byte is taken from the UART */
    if (!NT_SUCCESS(status))
        return status;
    if (event) /* other threads may close it while this one waits for input */
        event->References++;
    status = IoReadConsole(Buffer, Length, &received);
    status = complete(status, received, IoStatusBlock, event);
    if (event)
        ExDereference(event);
    return status;
}

#define DISPLAY_CHUNK 64

/* UTF-16: what is not ASCII shows as '?'. */
NTSTATUS NTAPI NtDisplayString(const struct unicode_string *String)
{
    struct unicode_string string;
    uint16_t wide[DISPLAY_CHUNK];
    char text[DISPLAY_CHUNK];
    unsigned count;
    NTSTATUS status = MmReadUser(&string, String, sizeof(string));

    if (!NT_SUCCESS(status))
        return status;
    if (string.Length & 1)
        return STATUS_INVALID_PARAMETER;
    for (unsigned left = string.Length / 2; left; string.Buffer += count, left -= count) {
        count = left < DISPLAY_CHUNK ? left : DISPLAY_CHUNK;
        status = MmReadUser(wide, string.Buffer, count * sizeof(wide[0]));
        if (!NT_SUCCESS(status))
            return status;
        for (unsigned i = 0; i < count; i++)
            text[i] = (char)(wide[i] < 0x80 ? wide[i] : '?');
        KdPrint("%.*s", (int)count, text);
    }
    return STATUS_SUCCESS;
}
