/* SPDX-License-Identifier: MIT
 * The handle table: small multiples of 4, as in NT. */

#include "ex.h"

#include "mm.h"

#define HANDLES_MAX 256
#define HANDLE_SHIFT 2

struct handle_entry {
    struct object *Object; /* NULL: free */
    uint32_t Access;
};

struct object ExConsoleObject = {.Type = OBJECT_CONSOLE, .Signaled = true, .References = 3};
struct object ExProcessObject = {.Type = OBJECT_PROCESS, .References = 1};
struct object ExThreadObject = {.Type = OBJECT_THREAD, .References = 1};

/* Entry 0 is never used: 0 is no handle. */
static struct handle_entry table[HANDLES_MAX] = {
    [1] = {&ExConsoleObject, FILE_READ_DATA | SYNCHRONIZE},
    [2] = {&ExConsoleObject, FILE_WRITE_DATA | SYNCHRONIZE},
    [3] = {&ExConsoleObject, FILE_WRITE_DATA | SYNCHRONIZE},
};

/* The two low bits belong to the program. */
static struct handle_entry *find_entry(HANDLE handle)
{
    uint64_t index = (uint64_t)handle >> HANDLE_SHIFT;

    if (index == 0 || index >= HANDLES_MAX || table[index].Object == NULL)
        return NULL;
    return &table[index];
}

NTSTATUS ExCreateHandle(struct object *object, uint32_t access, HANDLE *handle)
{
    for (uint64_t index = 1; index < HANDLES_MAX; index++) {
        if (table[index].Object)
            continue;
        table[index] = (struct handle_entry){object, access};
        object->References++;
        *handle = (HANDLE)(index << HANDLE_SHIFT);
        return STATUS_SUCCESS;
    }
    return STATUS_INSUFFICIENT_RESOURCES;
}

/* The pseudo handles have all rights. */
static struct object *pseudo_object(HANDLE handle)
{
    if (handle == NtCurrentProcess())
        return &ExProcessObject;
    return handle == NtCurrentThread() ? &ExThreadObject : NULL;
}

NTSTATUS ExReferenceHandle(HANDLE handle, enum object_type type, uint32_t access,
                           struct object **object)
{
    const struct handle_entry *entry = NULL;

    *object = pseudo_object(handle);
    if (*object == NULL) {
        entry = find_entry(handle);
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
    const struct handle_entry *entry = find_entry(handle);

    if (pseudo_object(handle))
        *access = PROCESS_ALL_ACCESS;
    else if (entry)
        *access = entry->Access;
    else
        return STATUS_INVALID_HANDLE;
    return STATUS_SUCCESS;
}

/* Closing a pseudo handle does nothing. */
NTSTATUS ExCloseHandle(HANDLE handle)
{
    struct handle_entry *entry = find_entry(handle);
    struct object *object;

    if (pseudo_object(handle))
        return STATUS_SUCCESS;
    if (!entry)
        return STATUS_INVALID_HANDLE;
    object = entry->Object;
    entry->Object = NULL;
    ExDereference(object);
    return STATUS_SUCCESS;
}

NTSTATUS ExReferenceProcess(HANDLE handle, uint32_t access)
{
    struct object *object;

    return ExReferenceHandle(handle, OBJECT_PROCESS, access, &object);
}
