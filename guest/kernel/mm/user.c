/* SPDX-License-Identifier: MIT
 * The checked way to user memory. */

#include "ke.h"
#include "mm.h"

/* A pointer of the kernel's own may still be bad: the guarded copy has a status for that, too. */
static bool may_use(const void *address, uint64_t size)
{
    return MmIsUserRange(address, size) || KeGetPreviousMode() == KERNEL_MODE;
}

NTSTATUS MmReadUser(void *to, const void *user, size_t size)
{
    return may_use(user, size) ? KiGuardedCopy(to, user, size) : STATUS_ACCESS_VIOLATION;
}

NTSTATUS MmWriteUser(void *user, const void *from, size_t size)
{
    return may_use(user, size) ? KiGuardedCopy(user, from, size) : STATUS_ACCESS_VIOLATION;
}

/* Writes to one byte of every page, so that a later write does not fail half way. */
NTSTATUS MmProbeForWrite(void *user, size_t size)
{
    uint64_t address = (uint64_t)user, last = address + size - 1;

    if (size == 0)
        return STATUS_SUCCESS;
    if (!may_use(user, size))
        return STATUS_ACCESS_VIOLATION;
    for (;;) {
        NTSTATUS status = KiGuardedTouch((void *)address);

        if (!NT_SUCCESS(status))
            return status;
        address = (address & ~(PAGE_SIZE - 1)) + PAGE_SIZE;
        if (address > last)
            return STATUS_SUCCESS;
    }
}

NTSTATUS MmWriteInformation(void *user, const void *from, uint32_t size, uint32_t *user_length)
{
    NTSTATUS status = MmWriteUser(user, from, size);

    if (NT_SUCCESS(status) && user_length)
        status = MmWriteUser(user_length, &size, sizeof(size));
    return status;
}
