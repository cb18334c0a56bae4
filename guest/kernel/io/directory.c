/* SPDX-License-Identifier: MIT
 * NtQueryDirectoryFile: the names in the root directory. */

#include "file.h"
#include "io.h"

#include <nt/api.h>
#include <rtl.h>

#define ENTRY_ALIGN 8

struct listing {
    uint8_t *user;
    uint32_t length, class;
    uint32_t used, last; /* bytes written; offset of the last entry */
    bool any;
};

/* The two classes agree in their first two fields and in how they end. */
union entry {
    struct file_directory_information Directory;
    struct file_names_information Names;
    uint8_t Bytes[sizeof(struct file_directory_information) + 2 * FILE_NAME_MAX];
};

static uint32_t fill_entry(const struct io_node *node, uint32_t class, union entry *entry)
{
    uint32_t length = (uint32_t)strlen(node->Name), head;
    uint16_t *name;

    memset(entry, 0, sizeof(*entry));
    if (class == FileDirectoryInformation) {
        entry->Directory.CreationTime = entry->Directory.LastAccessTime = node->WriteTime;
        entry->Directory.LastWriteTime = entry->Directory.ChangeTime = node->WriteTime;
        entry->Directory.EndOfFile = (int64_t)node->Segment->Size;
        entry->Directory.AllocationSize = (int64_t)(MiSegmentPages(node->Segment) * PAGE_SIZE);
        entry->Directory.FileAttributes = IoNodeAttributes(node);
        entry->Directory.FileNameLength = 2 * length;
        name = entry->Directory.FileName;
        head = offsetof(struct file_directory_information, FileName);
    } else {
        entry->Names.FileNameLength = 2 * length;
        name = entry->Names.FileName;
        head = offsetof(struct file_names_information, FileName);
    }
    for (uint32_t i = 0; i < length; i++)
        name[i] = (uint8_t)node->Name[i];
    return head + 2 * length;
}

/* Success, or that the entry does not fit. */
static NTSTATUS add_entry(struct listing *listing, const struct io_node *node)
{
    union entry entry;
    uint32_t start = (listing->used + ENTRY_ALIGN - 1) & ~(uint32_t)(ENTRY_ALIGN - 1);
    uint32_t size = fill_entry(node, listing->class, &entry), distance = start - listing->last;
    NTSTATUS status;

    if (start > listing->length || size > listing->length - start)
        return STATUS_BUFFER_OVERFLOW;
    status = MmWriteUser(listing->user + start, &entry, size);
    if (NT_SUCCESS(status) && listing->any)
        status = MmWriteUser(listing->user + listing->last, &distance, sizeof(distance));
    listing->last = start;
    listing->used = start + size;
    listing->any = true;
    return status;
}

static NTSTATUS list(struct io_file *directory, struct listing *listing, bool single)
{
    const struct io_node *node;

    for (; (node = IoNodeAt(directory->Position)); directory->Position++) {
        NTSTATUS status;

        if (!node->Segment)
            continue;
        status = add_entry(listing, node);
        if (status == STATUS_BUFFER_OVERFLOW && listing->any)
            break;
        if (status != STATUS_SUCCESS)
            return status;
        if (single) {
            directory->Position++;
            break;
        }
    }
    return listing->any ? STATUS_SUCCESS : STATUS_NO_MORE_FILES;
}

NTSTATUS NTAPI NtQueryDirectoryFile(HANDLE FileHandle, HANDLE Event, void *ApcRoutine,
                                    void *ApcContext, struct io_status_block *IoStatusBlock,
                                    void *Information, uint32_t Length, uint32_t InformationClass,
                                    uint8_t ReturnSingleEntry,
                                    const struct unicode_string *FileName, uint8_t RestartScan)
{
    struct listing listing = {Information, Length, InformationClass, 0, 0, false};
    struct io_file *directory;
    NTSTATUS status = IoReferenceFile(FileHandle, FILE_LIST_DIRECTORY, &directory);

    (void)ApcContext;
    if (NT_SUCCESS(status) && directory->Node)
        status = STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(status) && (Event || ApcRoutine || FileName)) /* all names, synchronously */
        status = STATUS_NOT_SUPPORTED;
    if (NT_SUCCESS(status) && InformationClass != FileDirectoryInformation &&
        InformationClass != FileNamesInformation)
        status = STATUS_INVALID_INFO_CLASS;
    if (NT_SUCCESS(status))
        status = MmProbeForWrite(IoStatusBlock, sizeof(*IoStatusBlock));
    if (!NT_SUCCESS(status))
        return status;
    if (RestartScan)
        directory->Position = 0;
    status = list(directory, &listing, ReturnSingleEntry);
    return IoComplete(IoStatusBlock, status, listing.used);
}
