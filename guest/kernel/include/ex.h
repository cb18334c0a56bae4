/* SPDX-License-Identifier: MIT
 * Executive: objects and handles. */
#ifndef KERNEL_EX_H
#define KERNEL_EX_H

#include "object.h"

#include <nt/object.h>
#include <nt/types.h>

#define HANDLES_MAX 256 /* of a process; they fill one page */

struct handle_entry {
    struct object *Object; /* NULL: free */
    uint32_t Access;
    uint32_t Attributes; /* OBJ_INHERIT and others that NtSetInformationObject sets */
};

struct kprocess;
struct kthread;

extern struct object ExConsoleObject;
extern struct handle_entry ExInitialHandles[HANDLES_MAX];

/* object.c: the last reference deletes it. */
void ExDereference(struct object *object);

/*
 * handle.c: handles of the running process. What they name stays there until this thread waits;
 * who waits takes a reference of its own. OBJECT_FREE as type: any. `access` are rights that the
 * handle must grant.
 */
NTSTATUS ExCreateHandle(struct object *object, uint32_t access, HANDLE *handle);
NTSTATUS ExReferenceHandle(HANDLE handle, enum object_type type, uint32_t access,
                           struct object **object);
struct handle_entry *ExFindHandle(HANDLE handle);
NTSTATUS ExHandleAccess(HANDLE handle, uint32_t *access);
NTSTATUS ExCloseHandle(HANDLE handle);
NTSTATUS ExCreateHandleTable(struct kprocess *process);
void ExCloseAllHandles(struct kprocess *process);

/* name.c */
#define EX_NAME_MAX 128
NTSTATUS ExReadName(const struct object_attributes *user_attributes, char *name, size_t size);

NTSTATUS ExReferenceProcess(HANDLE handle, uint32_t access, struct kprocess **process);
NTSTATUS ExReferenceThread(HANDLE handle, uint32_t access, struct kthread **thread);

/* create.c: the steps that the services which create an object have in common. */
NTSTATUS ExCheckAttributes(const struct object_attributes *user_attributes);
NTSTATUS ExBeginCreate(HANDLE *user_handle, const struct object_attributes *user_attributes);
/* Of a new object, which is deleted when there is no handle for it. */
NTSTATUS ExEndCreate(struct object *object, uint32_t access, HANDLE *user_handle);

/* Handles that a process starts with. */
#define EX_STDIN_HANDLE ((HANDLE)0x4)
#define EX_STDOUT_HANDLE ((HANDLE)0x8)
#define EX_STDERR_HANDLE ((HANDLE)0xc)

#endif
