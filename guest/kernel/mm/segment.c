/* SPDX-License-Identifier: MIT
 * Segments: their pages, and copying between them and user memory. */

#include "ke.h"
#include "mm.h"

#include <rtl.h>

#define SEGMENTS_MAX 128
#define ENTRIES (PAGE_SIZE / sizeof(uint64_t))
#define PAGES_MAX (ENTRIES * ENTRIES)

static struct mm_segment segments[SEGMENTS_MAX];
static unsigned used; /* the first so many have ever been */

/* NULL: too many segments, or more pages than may be committed. */
struct mm_segment *MiCreateSegment(uint64_t module_gpa, uint64_t size, bool committed)
{
    struct mm_segment *segment = segments;

    while (segment < &segments[SEGMENTS_MAX] && segment->References)
        segment++;
    if (segment == &segments[SEGMENTS_MAX])
        return NULL;
    if (segment >= &segments[used])
        used = (unsigned)(segment - segments) + 1;
    *segment = (struct mm_segment){.References = 1, .Committed = committed};
    segment->ModuleGpa = module_gpa;
    if (module_gpa) {
        segment->Size = size;
    } else if (!NT_SUCCESS(MmSetSegmentSize(segment, size))) {
        segment->References = 0;
        return NULL;
    }
    return segment;
}

static uint64_t *entries_at(uint64_t frame)
{
    return MmPhysical(frame);
}

static void release_page(uint64_t *pte)
{
    if (*pte & (PTE_P | MM_PTE_TRANSITION))
        MiFreeFrame(*pte & PTE_ADDRESS_MASK);
    else
        MiFreeSlot(MiPteSlot(*pte));
    *pte = 0;
}

static void release_pages(const struct mm_segment *segment, uint64_t page)
{
    uint64_t end = MiSegmentPages(segment);

    if (!segment->Directory)
        return;
    while (page < end) {
        uint64_t table = entries_at(segment->Directory)[page / ENTRIES];

        if (table)
            release_page(&entries_at(table)[page % ENTRIES]);
        page = table ? page + 1 : (page / ENTRIES + 1) * ENTRIES;
    }
}

void MiDereferenceSegment(struct mm_segment *segment)
{
    if (--segment->References)
        return;
    release_pages(segment, 0);
    if (segment->Committed)
        MiUncharge(NULL, MiSegmentPages(segment));
    if (!segment->Directory)
        return;
    for (unsigned i = 0; i < ENTRIES; i++)
        if (entries_at(segment->Directory)[i])
            MiFreeFrame(entries_at(segment->Directory)[i]);
    MiFreeFrame(segment->Directory);
}

static uint64_t *table_entry(uint64_t *table, uint64_t index)
{
    if (*table == 0)
        *table = MiAllocateFrame();
    return *table ? &entries_at(*table)[index] : NULL;
}

/* NULL: out of frames. */
static uint64_t *prototype(struct mm_segment *segment, uint64_t page)
{
    uint64_t *table = table_entry(&segment->Directory, page / ENTRIES);

    return table ? table_entry(table, page % ENTRIES) : NULL;
}

static NTSTATUS bring_in(uint64_t *pte, uint64_t *frame)
{
    uint64_t old = *pte, slot = MiPteSlot(old);
    NTSTATUS status = STATUS_SUCCESS;
    struct mm_pfn *pfn;

    *frame = slot ? MiAllocateFrameToFill() : MiAllocateFrame();
    if (!*frame)
        return STATUS_NO_MEMORY;
    pfn = MiPfn(*frame);
    if (slot)
        status = MiPageIn(slot, frame, 1);
    else
        MmCounters.DemandZero++;
    if (!NT_SUCCESS(status)) {
        MiFreeFrame(*frame);
        return status;
    }
    pfn->Slot = (uint32_t)slot;
    pfn->Section = true;
    *pte = *frame | PTE_P;
    return STATUS_SUCCESS;
}

/* The frame of a page inside the segment, brought into memory if it is not there. */
NTSTATUS MiSegmentFrame(struct mm_segment *segment, uint64_t page, uint64_t *frame)
{
    uint64_t *pte;

    if (page >= MiSegmentPages(segment))
        return STATUS_ACCESS_VIOLATION;
    if (segment->ModuleGpa) {
        *frame = segment->ModuleGpa + page * PAGE_SIZE;
        return STATUS_SUCCESS;
    }
    pte = prototype(segment, page);
    if (!pte)
        return STATUS_NO_MEMORY;
    if (*pte & MM_PTE_TRANSITION) /* it is being paged out, and needed again */
        *pte = (*pte & PTE_ADDRESS_MASK) | PTE_P;
    *frame = *pte & PTE_ADDRESS_MASK;
    return *pte & PTE_P ? STATUS_SUCCESS : bring_in(pte, frame);
}

/* False: `visit` has had enough. The search goes on behind the page that it saw last. */
static bool visit_segment(const struct mm_segment *segment, uint64_t *page,
                          bool (*visit)(void *context, uint64_t *pte), void *context)
{
    uint64_t end = MiSegmentPages(segment);

    while (*page < end) {
        uint64_t table = entries_at(segment->Directory)[*page / ENTRIES];
        uint64_t *pte = table ? &entries_at(table)[*page % ENTRIES] : NULL;

        *page = table ? *page + 1 : (*page / ENTRIES + 1) * ENTRIES;
        if (table && (*pte & PTE_P) && !visit(context, pte))
            return false;
    }
    return true;
}

/* Once round, from where the last search ended, over the pages that are in memory. */
void MiForEachPrototype(bool (*visit)(void *context, uint64_t *pte), void *context)
{
    static unsigned hand;
    static uint64_t page;

    for (unsigned count = used + 1; count; count--, hand++, page = 0) {
        if (hand >= used)
            hand = 0;
        if (used && segments[hand].References && segments[hand].Directory &&
            !visit_segment(&segments[hand], &page, visit, context))
            return;
    }
}

/* What lies behind the end of a file reads as zeros when the file grows again. */
static NTSTATUS clear_tail(struct mm_segment *segment, uint64_t size)
{
    uint64_t frame, offset = size % PAGE_SIZE;
    NTSTATUS status;

    if (offset == 0)
        return STATUS_SUCCESS;
    status = MiSegmentFrame(segment, size / PAGE_SIZE, &frame);
    if (!NT_SUCCESS(status))
        return status;
    memset((uint8_t *)MmPhysical(frame) + offset, 0, PAGE_SIZE - offset);
    MiPfn(frame)->Modified = true;
    return STATUS_SUCCESS;
}

NTSTATUS MmSetSegmentSize(struct mm_segment *segment, uint64_t size)
{
    uint64_t before = MiSegmentPages(segment), after = (size + PAGE_SIZE - 1) / PAGE_SIZE;
    NTSTATUS status = STATUS_SUCCESS;

    if (size > PAGES_MAX * PAGE_SIZE)
        return STATUS_SECTION_TOO_BIG;
    if (size < segment->Size) {
        if (segment->Views)
            return STATUS_USER_MAPPED_FILE;
        MmBalance();
        status = clear_tail(segment, size);
        if (!NT_SUCCESS(status))
            return status;
        release_pages(segment, after);
        MiUncharge(NULL, before - after);
    } else if (segment->Committed && !MiCharge(NULL, after - before)) {
        return STATUS_COMMITMENT_LIMIT;
    }
    segment->Size = size;
    return STATUS_SUCCESS;
}
