/* SPDX-License-Identifier: MIT
 * Page faults that are taken while others are being handled, as deep as ring 3 asks for. */

#include "ke.h"
#include "mm.h"

#define PAGE_MASK (PAGE_SIZE - 1)
/* A KTRAP_FRAME and what the handler calls until the next fault; with room for a debug build. */
#define STACK_PER_FAULT 1536
#define STACK_BASE_SIZE 0x4000

/* No two at a time: a thread in ring 0 is not switched. */
static struct {
    uint64_t Next, End; /* the page whose fault goes one deeper; Next == End: none */
    uint32_t Depth;     /* reached so far */
    uint32_t Ended;
    NTSTATUS Status;
} nest;

/* The deeper faults happen in here: of the ones around this one nothing has been served yet. */
uint32_t KiEnterNestedFault(uint64_t address)
{
    uint32_t depth;

    if (nest.Next == nest.End || (address & ~PAGE_MASK) != nest.Next)
        return 0;
    depth = ++nest.Depth;
    nest.Next += PAGE_SIZE;
    if (nest.Next != nest.End && !NT_SUCCESS(KiGuardedTouch((void *)nest.Next)))
        nest.Status = STATUS_ACCESS_VIOLATION;
    return depth;
}

/* The page is there now. */
NTSTATUS KiLeaveNestedFault(uint64_t address, uint32_t depth)
{
    const struct nested_fault fault = {.Depth = depth, .Order = ++nest.Ended};

    return MmWriteUser((void *)(address & ~PAGE_MASK), &fault, sizeof(fault));
}

static void touch_first(void *address)
{
    NTSTATUS status = KiGuardedTouch(address);

    if (!NT_SUCCESS(status))
        nest.Status = status;
}

static uint64_t stack_size(uint32_t length)
{
    uint64_t faults = length / PAGE_SIZE;

    return (STACK_BASE_SIZE + faults * STACK_PER_FAULT + PAGE_MASK) & ~PAGE_MASK;
}

NTSTATUS KiNestFaults(void *buffer, uint32_t length, uint32_t *depth)
{
    uint64_t start = (uint64_t)buffer;
    NTSTATUS status;

    if (length == 0 || length / PAGE_SIZE > NEST_FAULTS_MAX || (start | length) & PAGE_MASK)
        return STATUS_INVALID_PARAMETER;
    if (!MmIsUserRange(buffer, length))
        return STATUS_ACCESS_VIOLATION;
    nest.Next = start;
    nest.End = start + length;
    nest.Depth = nest.Ended = 0;
    nest.Status = STATUS_SUCCESS;
    status = KeExpandKernelStackAndCallout(touch_first, buffer, stack_size(length));
    nest.Next = nest.End = 0;
    *depth = nest.Depth;
    return NT_SUCCESS(status) ? nest.Status : status;
}
