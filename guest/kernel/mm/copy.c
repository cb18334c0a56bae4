/* SPDX-License-Identifier: MIT
 * NtReadVirtualMemory and NtWriteVirtualMemory. */

#include "ex.h"
#include "ps.h"

#include <nt/api.h>

#define PIECE_MAX 1024

/* A part of one process's memory, which may be the caller's. */
struct side {
    struct kprocess *process;
    uint64_t address;
};

static uint64_t left_in_page(uint64_t address)
{
    return PAGE_SIZE - (address & (PAGE_SIZE - 1));
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static NTSTATUS copy_one(const struct side *side, void *to, const void *from, uint64_t size)
{
    struct kprocess *before = KeAttachProcess(side->process);
    NTSTATUS status = KiGuardedCopy(to, from, size);

    KeDetachProcess(before);
    return status;
}

/* Two address spaces are never there at once: through the kernel's own memory. */
static NTSTATUS copy_piece(const struct side *to, const struct side *from, uint64_t size)
{
    uint8_t piece[PIECE_MAX];
    NTSTATUS status;

    if (to->process == from->process)
        return copy_one(to, (void *)to->address, (const void *)from->address, size);
    status = copy_one(from, piece, (const void *)from->address, size);
    return NT_SUCCESS(status) ? copy_one(to, (void *)to->address, piece, size) : status;
}

/* Page by page of the source and target, so that a partial copy reports what it has done. */
static NTSTATUS copy(struct side to, struct side from, uint64_t size, uint64_t *done)
{
    bool same = to.process == from.process;

    if (!MmIsUserRange((void *)to.address, size) || !MmIsUserRange((void *)from.address, size))
        return STATUS_ACCESS_VIOLATION;
    for (*done = 0; *done < size;) {
        uint64_t piece = smaller(size - *done, same ? PAGE_SIZE : PIECE_MAX);

        piece = smaller(piece, smaller(left_in_page(to.address), left_in_page(from.address)));
        if (!NT_SUCCESS(copy_piece(&to, &from, piece)))
            return *done ? STATUS_PARTIAL_COPY : STATUS_ACCESS_VIOLATION;
        to.address += piece;
        from.address += piece;
        *done += piece;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS copy_and_report(HANDLE handle, uint32_t access, void *address, void *buffer,
                                uint64_t size, uint64_t *user_done)
{
    struct side other = {.address = (uint64_t)address};
    struct side own = {PsGetCurrentProcess(), (uint64_t)buffer};
    uint64_t done = 0;
    NTSTATUS status = user_done ? MmProbeForWrite(user_done, sizeof(*user_done)) : STATUS_SUCCESS;

    if (NT_SUCCESS(status))
        status = ExReferenceProcess(handle, access, &other.process);
    if (NT_SUCCESS(status) && !other.process->ThreadCount)
        status = STATUS_PROCESS_IS_TERMINATING;
    if (!NT_SUCCESS(status))
        return status;
    status =
        access == PROCESS_VM_READ ? copy(own, other, size, &done) : copy(other, own, size, &done);
    if (user_done)
        MmWriteUser(user_done, &done, sizeof(done)); /* probed before */
    return status;
}

NTSTATUS NTAPI NtReadVirtualMemory(HANDLE ProcessHandle, const void *BaseAddress, void *Buffer,
                                   uint64_t Size, uint64_t *BytesRead)
{
    return copy_and_report(ProcessHandle, PROCESS_VM_READ, (void *)(uintptr_t)BaseAddress, Buffer,
                           Size, BytesRead);
}

NTSTATUS NTAPI NtWriteVirtualMemory(HANDLE ProcessHandle, void *BaseAddress, const void *Buffer,
                                    uint64_t Size, uint64_t *BytesWritten)
{
    return copy_and_report(ProcessHandle, PROCESS_VM_WRITE, BaseAddress, (void *)(uintptr_t)Buffer,
                           Size, BytesWritten);
}
