/* SPDX-License-Identifier: MIT
 * Pages of the first process that are in memory before it begins: RS_BOOT_RESIDENT. A fault takes
 * several hundred instructions, a page here some dozens; and a trace shows the program's own. */

#include "ke.h"
#include "mm.h"

/* Of an image; what lies behind is brought in by faults. */
#define IMAGE_PAGES_MAX 32
#define STACK_PAGES 2

/* As if each page were read: what is shared until it is written stays so. One page table at a time;
 * *pages is how many more are wanted. */
static NTSTATUS add_range(struct kprocess *process, const struct mm_vad *vad, uint64_t start,
                          unsigned *pages)
{
    uint64_t *pte = NULL;

    for (uint64_t page = start; page < vad->End && *pages; page += PAGE_SIZE, pte++, --*pages) {
        NTSTATUS status;

        if (!pte || page % LARGE_PAGE_SIZE == 0)
            pte = MiCreatePte(process, page);
        if (!pte)
            return STATUS_NO_MEMORY;
        if (*pte & PTE_P)
            continue;
        status = MiMakeValid(vad, pte, page, vad->Protection, false);
        if (!NT_SUCCESS(status))
            return status;
    }
    return STATUS_SUCCESS;
}

NTSTATUS MmMakeImageResident(struct kprocess *process)
{
    unsigned pages = IMAGE_PAGES_MAX;
    NTSTATUS status = STATUS_SUCCESS;

    for (const struct mm_vad *vad = process->Vads; vad && NT_SUCCESS(status); vad = vad->Next)
        if (vad->Image)
            status = add_range(process, vad, vad->Start, &pages);
    return status;
}

NTSTATUS MmMakeStackResident(const struct kthread *thread)
{
    uint64_t end = thread->UserStack + thread->UserStackSize;
    const struct mm_vad *vad = MiFindVad(thread->Process, end - 1);
    unsigned pages = STACK_PAGES;

    return add_range(thread->Process, vad, end - STACK_PAGES * PAGE_SIZE, &pages);
}
