/* SPDX-License-Identifier: MIT
 * With KVA shadow: the second root of a process, which ring 3 runs with. */

#include "ke.h"
#include "mm.h"

#include <rtl.h>

#define ENTRIES (PAGE_SIZE / 8)
#define USER_ENTRIES (ENTRIES / 2)

/* Of kernel space it has the transition area, whose tables are the same for all processes. */
NTSTATUS MiCreateUserRoot(struct kprocess *process)
{
    uint64_t root;

    if (!KiKvaShadow)
        return STATUS_SUCCESS;
    root = MiAllocateFrame();
    if (!root)
        return STATUS_NO_MEMORY;
    process->UserDirectoryTableBase = root;
    memcpy((uint64_t *)MmPhysical(root) + USER_ENTRIES, KiUserPageTables[0] + USER_ENTRIES,
           USER_ENTRIES * sizeof(uint64_t));
    return STATUS_SUCCESS;
}

/*
 * Both roots lead to the same tables of user space, so that what is mapped later is there for both.
 * From the kernel's root nothing of it can be executed.
 */
void MiShareTable(const struct kprocess *process, uint64_t *root_entry)
{
    size_t index = (uint64_t)root_entry % PAGE_SIZE / sizeof(uint64_t);

    if (!KiKvaShadow || index >= USER_ENTRIES)
        return;
    ((uint64_t *)MmPhysical(process->UserDirectoryTableBase))[index] = *root_entry;
    if (*root_entry)
        *root_entry |= PTE_NX;
}
