/* SPDX-License-Identifier: MIT
 * Memory of threads: user stack and TEB in the address space, kernel stacks in kernel space. */

#include "ke.h"
#include "mm.h"

#include <nt/memory.h>
#include <nt/process.h>

#define STACK_COMMIT 4 /* pages */
#define DEFAULT_STACK_SIZE RS_U64(0x10000)
#define LARGEST_STACK_SIZE RS_U64(0x4000000)

/* Kernel stacks: a slot of eight pages, of which the lower two are never there. */
#define SLOT_PAGES 8
#define STACK_SLOTS (LARGE_PAGE_SIZE / (SLOT_PAGES * PAGE_SIZE))
#define STACK_PAGES (KERNEL_STACK_SIZE / PAGE_SIZE)

static bool slot_used[STACK_SLOTS];

static uint64_t top_of(unsigned slot)
{
    return RS_GVA_KERNEL_STACKS + (slot + 1) * SLOT_PAGES * PAGE_SIZE;
}

/* Pages stay where they are once a slot has them, for the next thread. */
static bool map_stack(uint64_t top)
{
    for (uint64_t address = top - KERNEL_STACK_SIZE; address < top; address += PAGE_SIZE) {
        uint64_t next, *pte = MiFindPte(&PsInitialProcess, address, &next), frame;

        if (*pte)
            continue;
        frame = MiAllocateFrame();
        if (!frame)
            return false;
        *pte = frame | PTE_P | PTE_W | PTE_A | PTE_D | PTE_NX;
    }
    return true;
}

void *MmCreateKernelStack(void)
{
    for (unsigned slot = 0; slot < STACK_SLOTS; slot++) {
        if (slot_used[slot])
            continue;
        if (!map_stack(top_of(slot)))
            return NULL;
        slot_used[slot] = true;
        return (void *)top_of(slot);
    }
    return NULL;
}

void MmDeleteKernelStack(void *top)
{
    slot_used[((uint64_t)top - RS_GVA_KERNEL_STACKS) / (SLOT_PAGES * PAGE_SIZE) - 1] = false;
}

/* A stack that is too small for it has no guard page. */
static bool grows(uint64_t size)
{
    return size >= 2 * (STACK_COMMIT + 1) * PAGE_SIZE;
}

/* Reserved as a whole; committed are the pages at its top and the guard page below them. */
static NTSTATUS create_stack(struct kprocess *process, uint64_t start, uint64_t size)
{
    uint64_t end = start + size;
    struct mm_vad *vad;
    NTSTATUS status;

    if (!grows(size))
        return MiReserveCommitted(process, start, size);
    if (!MiCharge(process, STACK_COMMIT + 1))
        return STATUS_COMMITMENT_LIMIT;
    status = MiInsertVad(process, start, end, &vad);
    if (!NT_SUCCESS(status)) {
        MiUncharge(process, STACK_COMMIT + 1);
        return status;
    }
    vad->Stack = true;
    vad->Protection = MM_READWRITE;
    vad->AllocationProtect = PAGE_READWRITE;
    for (unsigned i = 0; i <= STACK_COMMIT; i++) {
        uint64_t *pte = MiCreatePte(process, end - (i + 1) * PAGE_SIZE);

        if (!pte) {
            MiUncharge(process, STACK_COMMIT + 1 - i); /* those of the other pages go with them */
            MiReleaseRange(process, vad, start, end);
            return STATUS_NO_MEMORY;
        }
        *pte = MiSoftwarePte(i < STACK_COMMIT ? MM_READWRITE : MM_READWRITE | MM_GUARD);
    }
    return STATUS_SUCCESS;
}

static void fill_teb(struct teb *teb, const struct kthread *thread)
{
    teb->StackBase = (void *)(thread->UserStack + thread->UserStackSize);
    teb->StackLimit =
        (void *)(thread->UserStack + thread->UserStackSize - STACK_COMMIT * PAGE_SIZE);
    if (!grows(thread->UserStackSize))
        teb->StackLimit = (void *)thread->UserStack;
    teb->Self = (struct teb *)thread->Teb;
    teb->ClientId = thread->Cid;
    teb->ProcessEnvironmentBlock = (struct peb *)MM_USER_PEB;
}

/* Where there is room, unless it is the first thread: its places are fixed. */
static NTSTATUS reserve(struct kprocess *process, bool first, uint64_t size, uint64_t *address,
                        NTSTATUS (*create)(struct kprocess *process, uint64_t start, uint64_t size))
{
    if (!first)
        *address = MiFindGap(process, size, true);
    if (*address == 0)
        return STATUS_NO_MEMORY;
    return create(process, *address, size);
}

NTSTATUS MmCreateThreadMemory(struct kthread *thread, bool first, uint64_t stack_size)
{
    struct kprocess *process = thread->Process;
    struct teb *teb;
    NTSTATUS status;

    if (stack_size > LARGEST_STACK_SIZE)
        return STATUS_NO_MEMORY;
    thread->UserStack = MM_USER_STACK_BASE;
    thread->UserStackSize = first ? MM_USER_STACK_SIZE : DEFAULT_STACK_SIZE;
    if (stack_size)
        thread->UserStackSize = (stack_size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    thread->Teb = MM_USER_TEB;
    status = reserve(process, first, thread->UserStackSize, &thread->UserStack, create_stack);
    if (!NT_SUCCESS(status)) {
        thread->UserStackSize = 0;
        return status;
    }
    status = reserve(process, first, MM_TEB_SIZE, &thread->Teb, MiReserveCommitted);
    if (!NT_SUCCESS(status)) {
        thread->Teb = 0;
        MmDeleteThreadMemory(thread);
        return status;
    }
    teb = MiAddPage(MiCreatePte(process, thread->Teb));
    if (!teb) {
        MmDeleteThreadMemory(thread);
        return STATUS_NO_MEMORY;
    }
    fill_teb(teb, thread);
    return STATUS_SUCCESS;
}

static void release(struct kprocess *process, uint64_t address, uint64_t size)
{
    struct mm_vad *vad = size ? MiFindVad(process, address) : NULL;

    /* The program may have done something else with it. */
    if (vad && vad->Start == address && vad->End == address + size && !vad->Image && !vad->Segment)
        MiReleaseRange(process, vad, address, address + size);
}

void MmDeleteThreadMemory(struct kthread *thread)
{
    release(thread->Process, thread->UserStack, thread->UserStackSize);
    release(thread->Process, thread->Teb, thread->Teb ? MM_TEB_SIZE : 0);
}
