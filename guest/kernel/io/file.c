/* SPDX-License-Identifier: MIT
 * NtReadFile, NtWriteFile, NtDisplayString: files of the RAM disk, the console, and the keyboard.
 */

#include "file.h"
#include "io.h"
#include "ke.h"
#include "scheduler.h"

#include <nt/api.h>

/* In continue.S the service stores R12-R15 and goes on here. */
NTSTATUS NTAPI KiReadFile(HANDLE FileHandle, HANDLE Event, void *ApcRoutine, void *ApcContext,
                          struct io_status_block *IoStatusBlock, void *Buffer, uint32_t Length,
                          const int64_t *ByteOffset, const uint32_t *Key);

static bool is_io(enum object_type type)
{
    return type == OBJECT_CONSOLE || type == OBJECT_KEYBOARD || type == OBJECT_FILE;
}

/* An asynchronous procedure cannot be queued: there is no alertable wait to run it. */
static NTSTATUS check_request(HANDLE file, uint32_t access, HANDLE event, const void *apc,
                              struct io_status_block *io_status, struct object **file_object,
                              struct object **event_object)
{
    NTSTATUS status = ExReferenceHandle(file, OBJECT_FREE, access, file_object);

    *event_object = NULL;
    if ((NT_SUCCESS(status) || status == STATUS_ACCESS_DENIED) && !is_io((*file_object)->Type))
        status = STATUS_OBJECT_TYPE_MISMATCH; /* comes before the access */
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

static NTSTATUS complete(NTSTATUS status, uint64_t information, struct io_status_block *io_status,
                         struct object *event_object)
{
    if (event_object)
        KeSetEvent(event_object);
    return IoComplete(io_status, status, information);
}

/* Without an offset, or with a special one, at the file's own position. */
static NTSTATUS read_offset(const int64_t *user_offset, const struct io_file *file, bool write,
                            uint64_t *offset)
{
    int64_t value = FILE_USE_FILE_POINTER_POSITION;
    NTSTATUS status = STATUS_SUCCESS;

    if (user_offset)
        status = MmReadUser(&value, user_offset, sizeof(value));
    if (!NT_SUCCESS(status))
        return status;
    if (value == FILE_USE_FILE_POINTER_POSITION)
        value = (int64_t)file->Position;
    else if (write && value == FILE_WRITE_TO_END_OF_FILE)
        value = (int64_t)file->Node->Segment->Size;
    *offset = (uint64_t)value;
    return value >= 0 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static NTSTATUS write_node(struct io_node *node, uint64_t offset, const void *buffer,
                           uint32_t length)
{
    NTSTATUS status = STATUS_SUCCESS;

    if (offset + length > node->Segment->Size)
        status = MmSetSegmentSize(node->Segment, offset + length);
    if (status == STATUS_COMMITMENT_LIMIT || status == STATUS_SECTION_TOO_BIG)
        return STATUS_DISK_FULL;
    node->WriteTime = (int64_t)KeQuerySystemTime();
    return NT_SUCCESS(status) ? MmWriteSegment(node->Segment, offset, buffer, length) : status;
}

static NTSTATUS read_node(const struct io_node *node, uint64_t offset, void *buffer,
                          uint32_t *length)
{
    uint64_t size = node->Segment->Size;

    if (*length == 0)
        return STATUS_SUCCESS;
    if (offset >= size)
        return STATUS_END_OF_FILE;
    if (*length > size - offset)
        *length = (uint32_t)(size - offset);
    return MmReadSegment(node->Segment, offset, buffer, *length);
}

/* The position goes on behind what was transferred, wherever that was. */
static NTSTATUS transfer(struct io_file *file, const int64_t *user_offset, void *buffer,
                         uint32_t *length, bool write)
{
    uint64_t offset;
    NTSTATUS status;

    if (!file->Node)
        return STATUS_INVALID_DEVICE_REQUEST;
    status = read_offset(user_offset, file, write, &offset);
    if (NT_SUCCESS(status))
        status = write ? write_node(file->Node, offset, buffer, *length)
                       : read_node(file->Node, offset, buffer, length);
    if (NT_SUCCESS(status))
        file->Position = offset + *length;
    return status;
}

NTSTATUS NTAPI NtWriteFile(HANDLE FileHandle, HANDLE Event, void *ApcRoutine, void *ApcContext,
                           struct io_status_block *IoStatusBlock, const void *Buffer,
                           uint32_t Length, const int64_t *ByteOffset, const uint32_t *Key)
{
    struct object *file, *event;
    NTSTATUS status;

    (void)ApcContext, (void)Key; /* nobody locks a part of a file; a console has no position */
    status =
        check_request(FileHandle, FILE_WRITE_DATA, Event, ApcRoutine, IoStatusBlock, &file, &event);
    if (!NT_SUCCESS(status))
        return status;
    if (file->Type == OBJECT_FILE)
        status =
            transfer((struct io_file *)file, ByteOffset, (void *)(uint64_t)Buffer, &Length, true);
    else if (file->Type == OBJECT_KEYBOARD)
        status = STATUS_INVALID_DEVICE_REQUEST;
    else
        status = IoWriteConsole(Buffer, Length);
    return complete(status, NT_SUCCESS(status) ? Length : 0, IoStatusBlock, event);
}

NTSTATUS NTAPI KiReadFile(HANDLE FileHandle, HANDLE Event, void *ApcRoutine, void *ApcContext,
                          struct io_status_block *IoStatusBlock, void *Buffer, uint32_t Length,
                          const int64_t *ByteOffset, const uint32_t *Key)
{
    struct object *file, *event;
    uint32_t received = Length;
    NTSTATUS status;

    (void)ApcContext, (void)Key;
    status =
        check_request(FileHandle, FILE_READ_DATA, Event, ApcRoutine, IoStatusBlock, &file, &event);
    if (NT_SUCCESS(status))
        status = MmProbeForWrite(Buffer, Length); /* before a byte is taken from a device */
    if (!NT_SUCCESS(status))
        return status;
    if (event) /* other threads may close it while this one waits for input */
        event->References++;
    if (file->Type == OBJECT_FILE)
        status = transfer((struct io_file *)file, ByteOffset, Buffer, &received, false);
    else if (file->Type == OBJECT_KEYBOARD)
        status = IoReadKeyboard(Buffer, Length, &received);
    else
        status = IoReadConsole(Buffer, Length, &received);
    status = complete(status, NT_SUCCESS(status) ? received : 0, IoStatusBlock, event);
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
