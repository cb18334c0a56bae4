/* SPDX-License-Identifier: MIT
 * Handle tables: small multiples of 4, as in NT. */

#include "ex.h"

#include "ps.h"

#include <rtl.h>

#define HANDLE_SHIFT 2

_Static_assert(HANDLES_MAX * sizeof(struct handle_entry) == PAGE_SIZE, "a table is a page");

struct object ExConsoleObject = {.Type = OBJECT_CONSOLE,
                                 .SignalState = 1,
                                 .Waits = {&ExConsoleObject.Waits, &ExConsoleObject.Waits},
                                 .References = 3,
                                 .Handles = 3};

/* Entry 0 is never used: 0 is no handle. */
struct handle_entry ExInitialHandles[HANDLES_MAX] = {
    [1] = {&ExConsoleObject, FILE_READ_DATA | SYNCHRONIZE, 0},
    [2] = {&ExConsoleObject, FILE_WRITE_DATA | SYNCHRONIZE, 0},
    [3] = {&ExConsoleObject, FILE_WRITE_DATA | SYNCHRONIZE, 0},
};

/* A new process has the console, too. */
NTSTATUS ExCreateHandleTable(struct kprocess *process)
{
    uint64_t frame = MiAllocateFrame();

    if (!frame)
        return STATUS_NO_MEMORY;
    process->Handles = MmPhysical(frame);
    for (unsigned i = 1; i <= 3; i++) {
        process->Handles[i] =
            (struct handle_entry){&ExConsoleObject, FILE_WRITE_DATA | SYNCHRONIZE, 0};
        ExConsoleObject.References++;
        ExConsoleObject.Handles++;
    }
    process->Handles[1].Access = FILE_READ_DATA | SYNCHRONIZE;
    return STATUS_SUCCESS;
}

/* The two low bits belong to the program. */
struct handle_entry *ExFindHandle(HANDLE handle)
{
    struct handle_entry *table = PsGetCurrentProcess()->Handles;
    uint64_t index = (uint64_t)handle >> HANDLE_SHIFT;

    if (index == 0 || index >= HANDLES_MAX || table[index].Object == NULL)
        return NULL;
    return &table[index];
}

NTSTATUS ExCreateHandle(struct object *object, uint32_t access, HANDLE *handle)
{
    struct handle_entry *table = PsGetCurrentProcess()->Handles;

    for (uint64_t index = 1; index < HANDLES_MAX; index++) {
        if (table[index].Object)
            continue;
        table[index] = (struct handle_entry){object, access, 0};
        object->References++;
        object->Handles++;
        *handle = (HANDLE)(index << HANDLE_SHIFT);
        return STATUS_SUCCESS;
    }
    return STATUS_INSUFFICIENT_RESOURCES;
}

/* The pseudo handles have all rights. */
static struct object *pseudo_object(HANDLE handle)
{
    if (handle == NtCurrentProcess())
        return &PsGetCurrentProcess()->Object;
    return handle == NtCurrentThread() ? &KeGetCurrentThread()->Object : NULL;
}

NTSTATUS ExReferenceHandle(HANDLE handle, enum object_type type, uint32_t access,
                           struct object **object)
{
    const struct handle_entry *entry = NULL;

    *object = pseudo_object(handle);
    if (*object == NULL) {
        entry = ExFindHandle(handle);
        if (!entry)
            return STATUS_INVALID_HANDLE;
        *object = entry->Object;
    }
    if (type != OBJECT_FREE && (*object)->Type != type)
        return STATUS_OBJECT_TYPE_MISMATCH;
    return entry && (entry->Access & access) != access ? STATUS_ACCESS_DENIED : STATUS_SUCCESS;
}

NTSTATUS ExHandleAccess(HANDLE handle, uint32_t *access)
{
    const struct handle_entry *entry = ExFindHandle(handle);

    if (pseudo_object(handle))
        *access = PROCESS_ALL_ACCESS;
    else if (entry)
        *access = entry->Access;
    else
        return STATUS_INVALID_HANDLE;
    return STATUS_SUCCESS;
}

static void close_entry(struct handle_entry *entry)
{
    struct object *object = entry->Object;

    entry->Object = NULL;
    object->Handles--;
    ExDereference(object);
}

/* Closing a pseudo handle does nothing. */
NTSTATUS ExCloseHandle(HANDLE handle)
{
    struct handle_entry *entry = ExFindHandle(handle);

    if (pseudo_object(handle))
        return STATUS_SUCCESS;
    if (!entry)
        return STATUS_INVALID_HANDLE;
    if (entry->Attributes & OBJ_PROTECT_CLOSE)
        return STATUS_HANDLE_NOT_CLOSABLE;
    close_entry(entry);
    return STATUS_SUCCESS;
}

/* Of a process that has ended. */
void ExCloseAllHandles(struct kprocess *process)
{
    struct handle_entry *table = process->Handles;

    process->Handles = NULL;
    for (unsigned i = 1; table && i < HANDLES_MAX; i++)
        if (table[i].Object)
            close_entry(&table[i]);
    if (table)
        MiFreeFrame((uint64_t)table - RS_GVA_DIRECT_MAP);
}

NTSTATUS ExReferenceProcess(HANDLE handle, uint32_t access, struct kprocess **process)
{
    struct object *object;
    NTSTATUS status = ExReferenceHandle(handle, OBJECT_PROCESS, access, &object);

    *process = NT_SUCCESS(status) ? (struct kprocess *)object : NULL;
    return status;
}

NTSTATUS ExReferenceThread(HANDLE handle, uint32_t access, struct kthread **thread)
{
    struct object *object;
    NTSTATUS status = ExReferenceHandle(handle, OBJECT_THREAD, access, &object);

    *thread = NT_SUCCESS(status) ? (struct kthread *)object : NULL;
    return status;
}
