/* SPDX-License-Identifier: MIT
 * Kernel stacks of the size that a call needs. */

#include "cpu.h"
#include "ke.h"
#include "mm.h"

#define STACK_RIGHTS (PTE_P | PTE_W | PTE_A | PTE_D | PTE_NX)

static void unmap(uint64_t start, uint64_t end)
{
    const struct kprocess *process = KeGetCurrentThread()->Process;
    uint64_t next;

    for (uint64_t page = start; page < end; page += PAGE_SIZE)
        MiReleasePte(MiFindPte(process, page, &next), page, 0);
}

/* From the top down. The page below `start` is never mapped: the guard. */
static NTSTATUS map(uint64_t start, uint64_t end)
{
    const struct kprocess *process = KeGetCurrentThread()->Process;

    for (uint64_t page = end; page > start;) {
        uint64_t *pte = MiCreatePte(process, page - PAGE_SIZE);
        uint64_t frame = pte ? MiAllocateFrame() : 0;

        if (!frame) {
            unmap(page, end);
            return STATUS_NO_MEMORY;
        }
        *pte = frame | STACK_RIGHTS;
        page -= PAGE_SIZE;
    }
    return STATUS_SUCCESS;
}

/* NT's KeExpandKernelStackAndCallout: the frame of the transition from ring 3 stays where it is, at
 * InitialStack; nested traps push onto the stack that they find. */
NTSTATUS KeExpandKernelStackAndCallout(kernel_callout *callout, void *parameter, uint64_t size)
{
    struct kthread *thread = KeGetCurrentThread();
    uint64_t limit = thread->StackLimit, base = thread->StackBase;
    uint64_t top = MM_EXPANDED_STACK_TOP, bottom = top - size;
    NTSTATUS status;

    if (size == 0 || size > MM_EXPANDED_STACK_MAX || size & (PAGE_SIZE - 1))
        return STATUS_INVALID_PARAMETER;
    status = map(bottom, top);
    if (!NT_SUCCESS(status))
        return status;
    thread->StackLimit = bottom;
    thread->StackBase = top;
    KiSwitchKernelStackAndCallout(callout, parameter, (void *)top);
    thread->StackLimit = limit;
    thread->StackBase = base;
    unmap(bottom, top);
    return STATUS_SUCCESS;
}
