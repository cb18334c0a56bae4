/* SPDX-License-Identifier: MIT
 * Page frames: RAM is taken from the end of what the VMM loaded, frames given back are reused. */

#include "ke.h"
#include "mm.h"

#include <rtl.h>

/* Frames kept out of commitment for page tables and for image pages. */
#define RESERVED_FRACTION 8

static uint64_t next_frame, end_of_memory;
static uint64_t free_list; /* each free frame begins with the address of the next */
static uint64_t free_count;

uint64_t MmFirstFrame;
struct mm_pfn *MmPfnDatabase;

/* What describes frames and slots comes first; RAM that was never used is zero. */
void MmInitialize(const struct rs_boot_info *boot)
{
    uint64_t pages;

    end_of_memory = boot->memory_size < RS_RAM_MAX ? boot->memory_size : RS_RAM_MAX;
    pages = end_of_memory / PAGE_SIZE;
    MmPfnDatabase = MmPhysical(boot->free_gpa);
    next_frame = boot->free_gpa + pages * sizeof(*MmPfnDatabase);
    next_frame = MiInitializePagefile(boot, next_frame, pages);
    MmFirstFrame = next_frame = (next_frame + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    pages = MmFreePages();
    MmCommitLimit = pages - pages / RESERVED_FRACTION + MmPagefileSlots();
}

static uint64_t take_free(void)
{
    uint64_t frame = free_list;

    if (frame) {
        free_list = *(uint64_t *)MmPhysical(frame);
        free_count--;
    }
    return frame;
}

static uint64_t take_new(void)
{
    uint64_t frame = next_frame;

    if (frame >= end_of_memory)
        return 0;
    next_frame += PAGE_SIZE;
    return frame;
}

/* What is zero is kept for those who need zeros: clearing takes long where ring 0 is interpreted.
 */
uint64_t MiAllocateFrame(void)
{
    uint64_t frame = take_new();

    if (!frame) {
        frame = take_free();
        if (frame)
            memset(MmPhysical(frame), 0, PAGE_SIZE);
    }
    return frame;
}

uint64_t MiAllocateFrameToFill(void)
{
    uint64_t frame = take_free();

    return frame ? frame : take_new();
}

void MiFreeFrame(uint64_t gpa)
{
    struct mm_pfn *pfn = MiPfn(gpa);

    if (!MiIsOwnFrame(gpa))
        return;
    MiFreeSlot(pfn->Slot);
    *pfn = (struct mm_pfn){0};
    *(uint64_t *)MmPhysical(gpa) = free_list;
    free_list = gpa;
    free_count++;
}

/*
 * Pages that were read in and not changed keep their slots. When none is left, one of these is
 * taken: its page counts as changed from then on. 0: there is none.
 */
uint64_t MiReclaimSlot(void)
{
    static uint64_t hand;
    uint64_t first = MmFirstFrame >> PAGE_SHIFT, last = next_frame >> PAGE_SHIFT;

    for (uint64_t count = last - first; count; count--, hand++) {
        if (hand < first || hand >= last)
            hand = first;
        if (MmPfnDatabase[hand].Slot) {
            uint64_t slot = MmPfnDatabase[hand].Slot;

            MmPfnDatabase[hand].Slot = 0;
            MmPfnDatabase[hand].Modified = true;
            return slot;
        }
    }
    return 0;
}

uint64_t MmFreePages(void)
{
    return free_count + (end_of_memory > next_frame ? (end_of_memory - next_frame) / PAGE_SIZE : 0);
}
