/* SPDX-License-Identifier: MIT
 * NtClose, NtDuplicateObject, NtQueryObject, NtSetInformationObject, NtCompareObjects. */

#include "ex.h"
#include "mm.h"
#include "ps.h"

#include <nt/api.h>

NTSTATUS NTAPI NtClose(HANDLE Handle)
{
    return ExCloseHandle(Handle);
}

struct duplication {
    HANDLE source;
    struct kprocess *from, *to;
    uint32_t access, attributes, options;
};

static NTSTATUS find_source(const struct duplication *what, struct object **object,
                            uint32_t *access)
{
    struct kprocess *before = KeAttachProcess(what->from);
    NTSTATUS status = ExHandleAccess(what->source, access);

    if (NT_SUCCESS(status))
        status = ExReferenceHandle(what->source, OBJECT_FREE, 0, object);
    KeDetachProcess(before);
    return status;
}

/* One object, one more handle. Rights can be asked for that the source handle has not. */
static NTSTATUS duplicate(const struct duplication *what, HANDLE *handle)
{
    struct object *object;
    struct kprocess *before;
    uint32_t source_access;
    NTSTATUS status = find_source(what, &object, &source_access);

    if (!NT_SUCCESS(status))
        return status;
    before = KeAttachProcess(what->to);
    status = ExCreateHandle(
        object, what->options & DUPLICATE_SAME_ACCESS ? source_access : what->access, handle);
    if (NT_SUCCESS(status))
        ExFindHandle(*handle)->Attributes = what->attributes & OBJ_INHERIT;
    KeDetachProcess(before);
    return status;
}

static NTSTATUS close_source(const struct duplication *what)
{
    struct kprocess *before = KeAttachProcess(what->from);
    NTSTATUS status = ExCloseHandle(what->source);

    KeDetachProcess(before);
    return status;
}

static NTSTATUS find_process(HANDLE handle, struct kprocess **process)
{
    NTSTATUS status = ExReferenceProcess(handle, PROCESS_DUP_HANDLE, process);

    if (NT_SUCCESS(status) && !(*process)->Handles)
        return STATUS_PROCESS_IS_TERMINATING;
    return status;
}

NTSTATUS NTAPI NtDuplicateObject(HANDLE SourceProcess, HANDLE SourceHandle, HANDLE TargetProcess,
                                 HANDLE *TargetHandle, uint32_t DesiredAccess,
                                 uint32_t HandleAttributes, uint32_t Options)
{
    struct duplication what = {.source = SourceHandle,
                               .access = DesiredAccess,
                               .attributes = HandleAttributes,
                               .options = Options};
    HANDLE handle = NULL;
    NTSTATUS status = STATUS_SUCCESS;

    if (TargetHandle)
        status = MmProbeForWrite(TargetHandle, sizeof(*TargetHandle));
    if (NT_SUCCESS(status))
        status = find_process(SourceProcess, &what.from);
    if (NT_SUCCESS(status) && TargetProcess)
        status = find_process(TargetProcess, &what.to);
    if (NT_SUCCESS(status) && !TargetProcess && !(Options & DUPLICATE_CLOSE_SOURCE))
        status = STATUS_INVALID_PARAMETER;
    if (!NT_SUCCESS(status))
        return status;
    if (TargetProcess)
        status = duplicate(&what, &handle);
    if (Options & DUPLICATE_CLOSE_SOURCE) { /* whether or not that worked */
        NTSTATUS closed = close_source(&what);

        status = NT_SUCCESS(status) ? closed : status;
    }
    if (TargetHandle)
        MmWriteUser(TargetHandle, &handle, sizeof(handle)); /* probed before */
    return status;
}

static NTSTATUS query_basic(HANDLE handle, const struct object *object, void *buffer,
                            uint32_t length, uint32_t *return_length)
{
    const struct handle_entry *entry = ExFindHandle(handle);
    struct object_basic_information info = {
        .Attributes = entry ? entry->Attributes : 0,
        .HandleCount = object->Handles,
        .PointerCount = object->References,
    };

    if (length != sizeof(info))
        return STATUS_INFO_LENGTH_MISMATCH;
    ExHandleAccess(handle, &info.GrantedAccess);
    return MmWriteInformation(buffer, &info, sizeof(info), return_length);
}

static NTSTATUS query_flags(HANDLE handle, void *buffer, uint32_t length, uint32_t *return_length)
{
    const struct handle_entry *entry = ExFindHandle(handle);
    struct object_handle_flag_information info = {0};

    if (length < sizeof(info))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (entry) {
        info.Inherit = (entry->Attributes & OBJ_INHERIT) != 0;
        info.ProtectFromClose = (entry->Attributes & OBJ_PROTECT_CLOSE) != 0;
    }
    return MmWriteInformation(buffer, &info, sizeof(info), return_length);
}

NTSTATUS NTAPI NtQueryObject(HANDLE Handle, uint32_t InformationClass, void *Information,
                             uint32_t Length, uint32_t *ReturnLength)
{
    struct object *object;
    NTSTATUS status = ExReferenceHandle(Handle, OBJECT_FREE, 0, &object);

    if (!NT_SUCCESS(status))
        return status;
    if (InformationClass == ObjectBasicInformation)
        return query_basic(Handle, object, Information, Length, ReturnLength);
    if (InformationClass == ObjectHandleFlagInformation)
        return query_flags(Handle, Information, Length, ReturnLength);
    return STATUS_INVALID_INFO_CLASS;
}

NTSTATUS NTAPI NtSetInformationObject(HANDLE Handle, uint32_t InformationClass,
                                      const void *Information, uint32_t Length)
{
    struct object_handle_flag_information info;
    struct handle_entry *entry;
    NTSTATUS status;

    if (InformationClass != ObjectHandleFlagInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (Length != sizeof(info))
        return STATUS_INFO_LENGTH_MISMATCH;
    status = MmReadUser(&info, Information, sizeof(info));
    if (!NT_SUCCESS(status))
        return status;
    entry = ExFindHandle(Handle);
    if (!entry)
        return STATUS_INVALID_HANDLE;
    entry->Attributes =
        (info.Inherit ? OBJ_INHERIT : 0) | (info.ProtectFromClose ? OBJ_PROTECT_CLOSE : 0);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtCompareObjects(HANDLE FirstHandle, HANDLE SecondHandle)
{
    struct object *first, *second;
    NTSTATUS status = ExReferenceHandle(FirstHandle, OBJECT_FREE, 0, &first);

    if (NT_SUCCESS(status))
        status = ExReferenceHandle(SecondHandle, OBJECT_FREE, 0, &second);
    if (!NT_SUCCESS(status))
        return status;
    return first == second ? STATUS_SUCCESS : STATUS_NOT_SAME_OBJECT;
}
