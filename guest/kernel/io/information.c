/* SPDX-License-Identifier: MIT
 * What is known of a file, and changing it. */

#include "file.h"
#include "io.h"
#include "ke.h"

#include <nt/api.h>
#include <rtl.h>

static void fill_basic(const struct io_node *node, struct file_basic_information *info)
{
    int64_t time = node ? node->WriteTime : (int64_t)KeBootInfo->boot_time;

    info->CreationTime = info->LastAccessTime = info->LastWriteTime = info->ChangeTime = time;
    info->FileAttributes = IoNodeAttributes(node);
}

static void fill_standard(const struct io_node *node, struct file_standard_information *info)
{
    info->NumberOfLinks = 1;
    info->Directory = !node;
    if (!node)
        return;
    info->AllocationSize = (int64_t)(MiSegmentPages(node->Segment) * PAGE_SIZE);
    info->EndOfFile = (int64_t)node->Segment->Size;
    info->DeletePending = node->DeletePending;
}

struct name_buffer {
    struct file_name_information Info;
    uint16_t Name[FILE_NAME_MAX + 1];
};

/* Relative to the disk, with the leading backslash. Returns the size of the whole. */
static uint32_t fill_name(const struct io_node *node, struct name_buffer *buffer)
{
    const char *name = node ? node->Name : "";
    uint32_t length = (uint32_t)strlen(name);

    buffer->Info.FileNameLength = 2 * (length + 1);
    buffer->Info.FileName[0] = '\\';
    for (uint32_t i = 0; i < length; i++)
        buffer->Info.FileName[1 + i] = (uint8_t)name[i];
    return sizeof(buffer->Info) + 2 * (length + 1);
}

NTSTATUS NTAPI NtQueryInformationFile(HANDLE FileHandle, struct io_status_block *IoStatusBlock,
                                      void *Information, uint32_t Length, uint32_t InformationClass)
{
    union {
        struct file_basic_information basic;
        struct file_standard_information standard;
        struct name_buffer name;
        uint64_t position;
    } info = {0};
    uint32_t size, least;
    struct io_file *file;
    NTSTATUS status = IoReferenceFile(FileHandle, 0, &file);

    if (NT_SUCCESS(status))
        status = MmProbeForWrite(IoStatusBlock, sizeof(*IoStatusBlock));
    if (!NT_SUCCESS(status))
        return status;
    switch (InformationClass) {
    case FileBasicInformation:
        size = least = sizeof(info.basic);
        fill_basic(file->Node, &info.basic);
        break;
    case FileStandardInformation:
        size = least = sizeof(info.standard);
        fill_standard(file->Node, &info.standard);
        break;
    case FileNameInformation:
        size = fill_name(file->Node, &info.name);
        least = sizeof(info.name.Info);
        break;
    case FilePositionInformation:
        size = least = sizeof(info.position);
        info.position = file->Position;
        break;
    default:
        return STATUS_INVALID_INFO_CLASS;
    }
    if (Length < least)
        return STATUS_INFO_LENGTH_MISMATCH;
    status = MmWriteUser(Information, &info, size < Length ? size : Length);
    if (!NT_SUCCESS(status))
        return status;
    return IoComplete(IoStatusBlock, size > Length ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS,
                      size < Length ? size : Length);
}

static NTSTATUS set_end(struct io_node *node, uint64_t size)
{
    NTSTATUS status = MmSetSegmentSize(node->Segment, size);

    if (status == STATUS_COMMITMENT_LIMIT || status == STATUS_SECTION_TOO_BIG)
        status = STATUS_DISK_FULL;
    if (NT_SUCCESS(status))
        node->WriteTime = (int64_t)KeQuerySystemTime();
    return status;
}

static NTSTATUS set(struct io_file *file, uint32_t class, uint64_t value)
{
    if (class == FilePositionInformation) {
        if (value > INT64_MAX)
            return STATUS_INVALID_PARAMETER;
        file->Position = value;
        return STATUS_SUCCESS;
    }
    if (!file->Node)
        return STATUS_INVALID_PARAMETER;
    if (class == FileEndOfFileInformation)
        return set_end(file->Node, value);
    if (file->Node->ReadOnly)
        return STATUS_CANNOT_DELETE;
    file->Node->DeletePending = value & 1;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtSetInformationFile(HANDLE FileHandle, struct io_status_block *IoStatusBlock,
                                    const void *Information, uint32_t Length,
                                    uint32_t InformationClass)
{
    uint64_t value = 0;
    uint32_t access = 0, size = sizeof(value);
    struct io_file *file;
    NTSTATUS status;

    if (InformationClass == FileDispositionInformation) {
        access = DELETE;
        size = 1;
    } else if (InformationClass == FileEndOfFileInformation) {
        access = FILE_WRITE_DATA;
    } else if (InformationClass != FilePositionInformation) {
        return STATUS_INVALID_INFO_CLASS;
    }
    if (Length < size)
        return STATUS_INFO_LENGTH_MISMATCH;
    status = IoReferenceFile(FileHandle, access, &file);
    if (NT_SUCCESS(status))
        status = MmProbeForWrite(IoStatusBlock, sizeof(*IoStatusBlock));
    if (NT_SUCCESS(status))
        status = MmReadUser(&value, Information, size);
    if (NT_SUCCESS(status))
        status = set(file, InformationClass, value);
    return NT_SUCCESS(status) ? IoComplete(IoStatusBlock, status, 0) : status;
}

NTSTATUS NTAPI NtQueryAttributesFile(const struct object_attributes *ObjectAttributes,
                                     struct file_basic_information *Information)
{
    struct file_basic_information info = {.FileAttributes = 0};
    char name[FILE_NAME_MAX];
    const struct io_node *node = NULL;
    NTSTATUS status = IoParsePath(ObjectAttributes, name, sizeof(name));

    if (!NT_SUCCESS(status))
        return status;
    if (name[0]) {
        node = IoFindNode(name);
        if (!node)
            return STATUS_OBJECT_NAME_NOT_FOUND;
    }
    fill_basic(node, &info);
    return MmWriteUser(Information, &info, sizeof(info));
}

/* What was written is in the file's pages, which are all that there is of it. */
NTSTATUS NTAPI NtFlushBuffersFile(HANDLE FileHandle, struct io_status_block *IoStatusBlock)
{
    struct io_file *file;
    NTSTATUS status = IoReferenceFile(FileHandle, FILE_WRITE_DATA, &file);

    if (NT_SUCCESS(status))
        status = MmProbeForWrite(IoStatusBlock, sizeof(*IoStatusBlock));
    return NT_SUCCESS(status) ? IoComplete(IoStatusBlock, STATUS_SUCCESS, 0) : status;
}
