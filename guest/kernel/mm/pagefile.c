/* SPDX-License-Identifier: MIT
 * The paging file: which of its slots are in use, and pages on their way there and back. */

#include "io.h"
#include "mm.h"

/* Slot 0 is never used: 0 in an entry says that there is none. */
#define SLOTS_PER_FRAME 64 /* more would need too large a bitmap */
#define BITS 64

static uint64_t *bitmap; /* 1: in use */
static uint64_t slots, hand;

struct mm_counters MmCounters;

/* Returns the first address behind the bitmap, which lies in RAM that is zero. */
uint64_t MiInitializePagefile(const struct rs_boot_info *boot, uint64_t bitmap_gpa,
                              uint64_t memory_pages)
{
    if (!boot->pagefile.gpa)
        return bitmap_gpa;
    slots = boot->pagefile.size / PAGE_SIZE;
    if (slots > SLOTS_PER_FRAME * memory_pages)
        slots = SLOTS_PER_FRAME * memory_pages;
    slots &= ~(uint64_t)(BITS - 1);
    bitmap = MmPhysical(bitmap_gpa);
    if (slots)
        bitmap[0] = 1;
    return bitmap_gpa + slots / 8;
}

uint64_t MmPagefileSlots(void)
{
    return slots ? slots - 1 : 0;
}

static inline uint64_t lowest_bit(uint64_t word)
{
    __asm__("bsfq %0, %0" : "+r"(word) : : "cc");
    return word;
}

/* Next fit, so that what is written together lies together. 0: the file is full. */
static uint64_t allocate_slot(void)
{
    for (uint64_t count = slots / BITS; count; count--, hand++) {
        if (hand >= slots / BITS)
            hand = 0;
        if (~bitmap[hand]) {
            uint64_t bit = lowest_bit(~bitmap[hand]);

            bitmap[hand] |= RS_U64(1) << bit;
            return hand * BITS + bit;
        }
    }
    return MiReclaimSlot();
}

void MiFreeSlot(uint64_t slot)
{
    if (slot)
        bitmap[slot / BITS] &= ~(RS_U64(1) << slot % BITS);
}

NTSTATUS MiPageIn(uint64_t slot, const uint64_t *frames, unsigned count)
{
    MmCounters.PageRead += count;
    MmCounters.PageReadIo++;
    return IoPageRead(slot * PAGE_SIZE, frames, count);
}

/*
 * The page is in the paging file now and its frame free. If it was used while it was written it
 * is in use again, perhaps changed: it stays, and what was written is of no use.
 */
static bool finish(const struct mm_page_out *page, uint64_t slot)
{
    MiPfn(page->Frame)->Pins--;
    if (*page->Pte & PTE_P) {
        MiFreeSlot(slot);
        return false;
    }
    *page->Pte = MiSlotPte(slot, page->Protection);
    MiFreeFrame(page->Frame);
    return true;
}

/* A page that cannot be written is as it was before. */
static void put_back(const struct mm_page_out *page, uint64_t slot)
{
    MiFreeSlot(slot);
    MiPfn(page->Frame)->Pins--;
    MiPfn(page->Frame)->Modified = true;
}

/* `count` is not 0. */
static unsigned write_run(const struct mm_page_out *pages, const uint64_t *run_slots,
                          unsigned count)
{
    uint64_t frames[MM_CLUSTER];
    unsigned done = 0, filled = 0;
    NTSTATUS status;

    do
        frames[filled] = pages[filled].Frame;
    while (++filled < count);
    status = IoPageWrite(run_slots[0] * PAGE_SIZE, frames, count);
    for (unsigned i = 0; i < count; i++) {
        if (NT_SUCCESS(status))
            done += finish(&pages[i], run_slots[i]);
        else
            put_back(&pages[i], run_slots[i]);
    }
    if (NT_SUCCESS(status)) {
        MmCounters.DirtyPagesWrite += count;
        MmCounters.DirtyWriteIo++;
    }
    return done;
}

/*
 * At most MM_CLUSTER pages, pinned by the caller, in as few requests as their slots allow. Returns
 * how many are out.
 */
unsigned MiPageOut(const struct mm_page_out *pages, unsigned count)
{
    uint64_t page_slots[MM_CLUSTER];
    unsigned start = 0, out = 0, end = 0;

    for (; end < count; end++) {
        struct mm_pfn *pfn = MiPfn(pages[end].Frame);

        MiFreeSlot(pfn->Slot); /* its content is old */
        pfn->Slot = 0;
        pfn->Modified = false;
        page_slots[end] = allocate_slot();
        if (!page_slots[end])
            break;
        if (end > start && page_slots[end] != page_slots[end - 1] + 1) {
            out += write_run(pages + start, page_slots + start, end - start);
            start = end;
        }
    }
    if (end > start)
        out += write_run(pages + start, page_slots + start, end - start);
    for (; end < count; end++)
        put_back(&pages[end], 0);
    return out;
}
