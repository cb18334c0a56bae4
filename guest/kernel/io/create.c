/* SPDX-License-Identifier: MIT
 * Opening and making files: NtCreateFile, NtOpenFile, NtDeleteFile; and their end. */

#include "file.h"
#include "io.h"
#include "ke.h"

#include <nt/api.h>
#include <rtl.h>

#define FILES_MAX 128

static struct io_file files[FILES_MAX];

struct open_request {
    char name[FILE_NAME_MAX];
    uint32_t access, share, disposition, options;
    uint64_t information;
};

/* Which of reading, writing and deleting `access` means, as the FILE_SHARE_* bits. */
static uint32_t kinds(uint32_t access)
{
    return (access & (FILE_READ_DATA | FILE_EXECUTE) ? FILE_SHARE_READ : 0) |
           (access & (FILE_WRITE_DATA | FILE_APPEND_DATA) ? FILE_SHARE_WRITE : 0) |
           (access & DELETE ? FILE_SHARE_DELETE : 0);
}

static uint32_t map_generic(uint32_t access)
{
    if (access & GENERIC_READ)
        access |= FILE_GENERIC_READ;
    if (access & GENERIC_WRITE)
        access |= FILE_GENERIC_WRITE;
    if (access & GENERIC_EXECUTE)
        access |= FILE_GENERIC_EXECUTE;
    if (access & (GENERIC_ALL | MAXIMUM_ALLOWED))
        access |= FILE_ALL_ACCESS;
    return access & FILE_ALL_ACCESS;
}

/* Everybody's access is among what all others share. */
NTSTATUS IoCheckShare(const struct io_node *node, uint32_t access, uint32_t share)
{
    for (unsigned i = 0; i < FILES_MAX; i++)
        if (files[i].Header.Type == OBJECT_FILE && files[i].Node == node &&
            ((kinds(access) & ~files[i].Share) || (kinds(files[i].Access) & ~share)))
            return STATUS_SHARING_VIOLATION;
    return STATUS_SUCCESS;
}

NTSTATUS IoReferenceFile(HANDLE handle, uint32_t access, struct io_file **file)
{
    return ExReferenceHandle(handle, OBJECT_FILE, access, (struct object **)file);
}

/* The segment of an open file. The caller takes a reference if it keeps it. */
NTSTATUS IoFileSegment(HANDLE handle, uint32_t access, struct mm_segment **segment)
{
    struct io_file *file;
    NTSTATUS status = IoReferenceFile(handle, access, &file);

    if (NT_SUCCESS(status) && !file->Node)
        status = STATUS_INVALID_DEVICE_REQUEST;
    if (NT_SUCCESS(status))
        *segment = file->Node->Segment;
    return status;
}

void IoDeleteFile(struct object *object)
{
    struct io_file *file = (struct io_file *)object;

    object->Type = OBJECT_FREE;
    if (!file->Node)
        return;
    file->Node->Opens--;
    file->Node->DeletePending |= file->DeleteOnClose;
    IoReleaseNode(file->Node);
}

static struct io_file *allocate_file(void)
{
    for (unsigned i = 0; i < FILES_MAX; i++)
        if (files[i].Header.Type == OBJECT_FREE)
            return &files[i];
    return NULL;
}

static NTSTATUS create_handle(const struct open_request *request, struct io_node *node,
                              HANDLE *handle)
{
    struct io_file *file = allocate_file();
    NTSTATUS status;

    if (!file)
        return STATUS_INSUFFICIENT_RESOURCES;
    *file = (struct io_file){
        .Node = node,
        .Access = request->access,
        .Share = request->share,
        .DeleteOnClose = request->options & FILE_DELETE_ON_CLOSE,
    };
    KeInitializeObject(&file->Header, OBJECT_FREE, 1); /* until it is complete */
    status = ExCreateHandle(&file->Header, request->access, handle);
    if (!NT_SUCCESS(status))
        return status;
    file->Header.Type = OBJECT_FILE;
    if (node)
        node->Opens++;
    return status;
}

static NTSTATUS check_existing(const struct open_request *request, const struct io_node *node)
{
    bool change = request->disposition == FILE_SUPERSEDE ||
                  request->disposition == FILE_OVERWRITE ||
                  request->disposition == FILE_OVERWRITE_IF;

    if (request->disposition == FILE_CREATE)
        return STATUS_OBJECT_NAME_COLLISION;
    if (request->options & FILE_DIRECTORY_FILE)
        return STATUS_NOT_A_DIRECTORY;
    if (node->DeletePending)
        return STATUS_DELETE_PENDING;
    if (node->ReadOnly && (change || (kinds(request->access) & FILE_SHARE_WRITE)))
        return STATUS_ACCESS_DENIED;
    if (node->ReadOnly && (request->options & FILE_DELETE_ON_CLOSE))
        return STATUS_CANNOT_DELETE;
    return IoCheckShare(node, request->access, request->share);
}

static NTSTATUS open_existing(struct open_request *request, struct io_node *node, HANDLE *handle)
{
    NTSTATUS status = check_existing(request, node);

    if (!NT_SUCCESS(status))
        return status;
    request->information = FILE_OPENED;
    if (request->disposition != FILE_OPEN && request->disposition != FILE_OPEN_IF) {
        status = MmSetSegmentSize(node->Segment, 0);
        request->information =
            request->disposition == FILE_SUPERSEDE ? FILE_SUPERSEDED : FILE_OVERWRITTEN;
    }
    return NT_SUCCESS(status) ? create_handle(request, node, handle) : status;
}

static NTSTATUS create_new(struct open_request *request, HANDLE *handle)
{
    struct io_node *node;
    NTSTATUS status;

    if (request->disposition == FILE_OPEN || request->disposition == FILE_OVERWRITE)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    if (request->options & FILE_DIRECTORY_FILE)
        return STATUS_NOT_SUPPORTED;
    node = IoCreateNode(request->name);
    if (!node)
        return STATUS_DISK_FULL;
    request->information = FILE_CREATED;
    status = create_handle(request, node, handle);
    if (!NT_SUCCESS(status)) {
        node->DeletePending = true;
        IoReleaseNode(node);
    }
    return status;
}

static NTSTATUS open_root(struct open_request *request, HANDLE *handle)
{
    if (request->options & FILE_NON_DIRECTORY_FILE)
        return STATUS_FILE_IS_A_DIRECTORY;
    if (request->disposition != FILE_OPEN && request->disposition != FILE_OPEN_IF)
        return STATUS_OBJECT_NAME_COLLISION;
    request->information = FILE_OPENED;
    return create_handle(request, NULL, handle);
}

static const struct device {
    const char *path;
    struct object *object;
    NTSTATUS (*start)(void); /* NULL: it needs no start */
} devices[] = {
    {"\\Device\\Console", &ExConsoleObject, NULL},
    {"\\??\\CON", &ExConsoleObject, NULL},
    {"\\Device\\Keyboard", &IoKeyboardObject, IoStartKeyboard},
};

/* The disk knows its own paths only: these are looked at when it is none of them. */
static const struct device *find_device(const struct object_attributes *attributes)
{
    char path[FILE_NAME_MAX];

    if (!NT_SUCCESS(ExReadName(attributes, path, sizeof(path))))
        return NULL;
    for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
        if (RtlEqualNames(path, devices[i].path))
            return &devices[i];
    return NULL;
}

static NTSTATUS open_device(const struct device *device, struct open_request *request,
                            HANDLE *handle)
{
    NTSTATUS status = STATUS_SUCCESS;

    if (request->options & FILE_DIRECTORY_FILE)
        return STATUS_NOT_A_DIRECTORY;
    if (request->disposition != FILE_OPEN && request->disposition != FILE_OPEN_IF)
        return STATUS_OBJECT_NAME_COLLISION;
    request->information = FILE_OPENED;
    if (device->start)
        status = device->start();
    return NT_SUCCESS(status) ? ExCreateHandle(device->object, request->access, handle) : status;
}

static NTSTATUS open_file(struct open_request *request, HANDLE *handle)
{
    struct io_node *node = request->name[0] ? IoFindNode(request->name) : NULL;

    if (!request->name[0])
        return open_root(request, handle);
    return node ? open_existing(request, node, handle) : create_new(request, handle);
}

static NTSTATUS open_by_name(HANDLE *user_handle, const struct object_attributes *attributes,
                             struct io_status_block *io_status, struct open_request *request)
{
    const struct device *device = NULL;
    HANDLE handle;
    NTSTATUS status = MmProbeForWrite(user_handle, sizeof(*user_handle));

    if (NT_SUCCESS(status))
        status = MmProbeForWrite(io_status, sizeof(*io_status));
    if (NT_SUCCESS(status) && request->disposition > FILE_OVERWRITE_IF)
        status = STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(status))
        status = IoParsePath(attributes, request->name, sizeof(request->name));
    if (status == STATUS_OBJECT_PATH_NOT_FOUND)
        device = find_device(attributes);
    if (!NT_SUCCESS(status) && !device)
        return status;
    request->access = map_generic(request->access);
    status = device ? open_device(device, request, &handle) : open_file(request, &handle);
    if (NT_SUCCESS(status))
        MmWriteUser(user_handle, &handle, sizeof(handle)); /* probed before */
    return NT_SUCCESS(status) ? IoComplete(io_status, status, request->information) : status;
}

NTSTATUS NTAPI NtCreateFile(HANDLE *FileHandle, uint32_t DesiredAccess,
                            const struct object_attributes *ObjectAttributes,
                            struct io_status_block *IoStatusBlock, const int64_t *AllocationSize,
                            uint32_t FileAttributes, uint32_t ShareAccess,
                            uint32_t CreateDisposition, uint32_t CreateOptions,
                            const void *EaBuffer, uint32_t EaLength)
{
    struct open_request request = {
        .access = DesiredAccess,
        .share = ShareAccess,
        .disposition = CreateDisposition,
        .options = CreateOptions,
    };

    (void)AllocationSize, (void)FileAttributes; /* hints; every new file is a normal one */
    if (EaBuffer || EaLength)
        return STATUS_NOT_SUPPORTED;
    return open_by_name(FileHandle, ObjectAttributes, IoStatusBlock, &request);
}

NTSTATUS NTAPI NtOpenFile(HANDLE *FileHandle, uint32_t DesiredAccess,
                          const struct object_attributes *ObjectAttributes,
                          struct io_status_block *IoStatusBlock, uint32_t ShareAccess,
                          uint32_t OpenOptions)
{
    struct open_request request = {
        .access = DesiredAccess,
        .share = ShareAccess,
        .disposition = FILE_OPEN,
        .options = OpenOptions,
    };

    return open_by_name(FileHandle, ObjectAttributes, IoStatusBlock, &request);
}

NTSTATUS NTAPI NtDeleteFile(const struct object_attributes *ObjectAttributes)
{
    char name[FILE_NAME_MAX];
    struct io_node *node;
    NTSTATUS status = IoParsePath(ObjectAttributes, name, sizeof(name));

    if (!NT_SUCCESS(status))
        return status;
    node = name[0] ? IoFindNode(name) : NULL;
    if (!node)
        return name[0] ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_CANNOT_DELETE;
    if (node->ReadOnly)
        return STATUS_CANNOT_DELETE;
    status = IoCheckShare(node, DELETE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE);
    if (!NT_SUCCESS(status))
        return status;
    node->DeletePending = true;
    IoReleaseNode(node);
    return STATUS_SUCCESS;
}
