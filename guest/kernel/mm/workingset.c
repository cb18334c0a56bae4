/* SPDX-License-Identifier: MIT
 * Working sets: which pages are taken from a process when frames run short. */

#include "cpu.h"
#include "processor.h"
#include "ps.h"

/* A page fault needs a few frames: tables, a copy. */
#define FREE_MINIMUM 16
#define LAPS 2 /* the first one may find every page in use, and takes that mark away */

struct batch {
    struct mm_page_out pages[MM_CLUSTER];
    unsigned count; /* in pages[]: to be written */
    unsigned freed;
    unsigned unmapped; /* shared pages that may be free for the taking now */
};

static bool is_enough(const struct batch *batch)
{
    return batch->freed + batch->count >= MM_CLUSTER;
}

static bool may_be_enough(const struct batch *batch)
{
    return batch->freed + batch->count + batch->unmapped >= MM_CLUSTER;
}

static void flush(struct batch *batch)
{
    if (batch->count)
        batch->freed += MiPageOut(batch->pages, batch->count);
    batch->count = 0;
}

/*
 * Takes one page of one owner. Unchanged, it is in the paging file already, or comes again from
 * where it came from first.
 */
static void evict(struct batch *batch, uint64_t *pte, uint64_t address, unsigned protection)
{
    uint64_t old = *pte, frame = old & PTE_ADDRESS_MASK;
    struct mm_pfn *pfn = MiPfn(frame);

    if (pfn->Pins)
        return;
    if ((pfn->Modified || ((old & PTE_P) && (old & PTE_D))) && MmPagefileSlots() == 0)
        return;
    if (old & PTE_P) {
        old = __atomic_exchange_n(pte, 0, __ATOMIC_SEQ_CST);
        KeFlushSingleTb(address);
    }
    if (pfn->Modified || ((old & PTE_P) && (old & PTE_D))) {
        *pte = frame | MM_PTE_TRANSITION | (uint64_t)protection << MM_PTE_PROTECTION_SHIFT;
        pfn->Pins++;
        batch->pages[batch->count++] = (struct mm_page_out){pte, frame, protection};
    } else {
        *pte = pfn->Slot ? MiSlotPte(pfn->Slot, protection) : MiSoftwarePte(protection);
        pfn->Slot = 0;
        MiFreeFrame(frame);
        batch->freed++;
    }
    if (batch->count == MM_CLUSTER)
        flush(batch);
}

/* The view gives the page up; the segment still has it. */
static void unmap_shared(struct batch *batch, uint64_t *pte, uint64_t address)
{
    MiReleasePte(pte, address, MiSoftwarePte(MiPteProtection(*pte)));
    batch->unmapped++;
}

/* A page that is in memory. Those of boot modules are no frames that could be had. */
static void visit(struct batch *batch, uint64_t *pte, uint64_t address)
{
    uint64_t old = *pte;

    if ((old & MM_PTE_LOCKED) || !MiIsOwnFrame(old & PTE_ADDRESS_MASK))
        return;
    if ((old & PTE_P) && (old & PTE_A)) {
        __atomic_fetch_and(pte, ~PTE_A, __ATOMIC_RELAXED); /* a processor may note PTE_D */
        KiInvalidatePage(address); /* others may take longer to note it again */
    } else if (MiPtePrivate(old)) {
        evict(batch, pte, address, MiPteProtection(old));
    } else {
        unmap_shared(batch, pte, address);
    }
}

/* The entries of one page table. Returns where the search goes on. */
static uint64_t sweep_table(struct batch *batch, uint64_t *pte, uint64_t address, uint64_t end)
{
    uint64_t table_end = (address & ~(LARGE_PAGE_SIZE - 1)) + LARGE_PAGE_SIZE;

    if (end > table_end)
        end = table_end;
    for (; address < end && !may_be_enough(batch); address += PAGE_SIZE, pte++)
        if (MiPteResident(*pte))
            visit(batch, pte, address);
    return address;
}

/* From the hand to the end of user space. */
static void sweep(struct kprocess *process, struct batch *batch)
{
    uint64_t address = process->TrimHand, next;

    for (const struct mm_vad *vad = process->Vads; vad; vad = vad->Next) {
        if (address < vad->Start)
            address = vad->Start;
        while (address < vad->End) {
            uint64_t *pte = MiFindPte(process, address, &next);

            address = pte ? sweep_table(batch, pte, address, vad->End) : next;
            if (may_be_enough(batch)) {
                process->TrimHand = address;
                return;
            }
        }
    }
    process->TrimHand = 0;
}

static bool visit_segment(void *context, uint64_t *pte)
{
    struct batch *batch = context;

    if (MiPfn(*pte & PTE_ADDRESS_MASK)->Shares == 0)
        evict(batch, pte, 0, 0);
    return !is_enough(batch);
}

/* Each process in turn. */
static void sweep_processes(struct batch *batch)
{
    struct kprocess *process = NULL;

    while ((process = PsNextProcess(process)) && !may_be_enough(batch))
        if (process->DirectoryTableBase)
            sweep(process, batch);
}

static void trim(void)
{
    struct batch batch = {.count = 0};

    for (unsigned lap = 0; lap <= LAPS && !is_enough(&batch); lap++) {
        batch.unmapped = 0;
        sweep_processes(&batch);
        if (!is_enough(&batch))
            MiForEachPrototype(visit_segment, &batch);
    }
    flush(&batch);
}

void MmBalance(void)
{
    if (MmFreePages() < FREE_MINIMUM)
        trim();
}
