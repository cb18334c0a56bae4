/* SPDX-License-Identifier: MIT
 * Executive: objects and the handle table. */
#ifndef KERNEL_EX_H
#define KERNEL_EX_H

#include <nt/object.h>
#include <nt/types.h>

enum object_type {
    OBJECT_FREE,
    OBJECT_CONSOLE,
    OBJECT_EVENT,
    OBJECT_PROCESS,
    OBJECT_THREAD,
    OBJECT_FILE,
    OBJECT_SECTION,
};

struct object {
    uint8_t Type; /* enum object_type */
    bool Signaled;
    bool AutoReset;      /* synchronization event */
    uint32_t References; /* handles */
};

extern struct object ExProcessObject, ExThreadObject, ExConsoleObject;

void ExDereference(struct object *object);

/* handle.c. OBJECT_FREE as type: any. `access` are rights that the handle must grant. */
NTSTATUS ExCreateHandle(struct object *object, uint32_t access, HANDLE *handle);
NTSTATUS ExReferenceHandle(HANDLE handle, enum object_type type, uint32_t access,
                           struct object **object);
NTSTATUS ExHandleAccess(HANDLE handle, uint32_t *access);
NTSTATUS ExCloseHandle(HANDLE handle);

/* name.c */
#define EX_NAME_MAX 128
NTSTATUS ExReadName(const struct object_attributes *user_attributes, char *name, size_t size);

/* The only process there is: the pseudo handle or a handle to it with these rights. */
NTSTATUS ExReferenceProcess(HANDLE handle, uint32_t access);

/* Handles that the process starts with. */
#define EX_STDIN_HANDLE ((HANDLE)0x4)
#define EX_STDOUT_HANDLE ((HANDLE)0x8)
#define EX_STDERR_HANDLE ((HANDLE)0xc)

#endif
