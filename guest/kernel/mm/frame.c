/* SPDX-License-Identifier: MIT
 * Page frames: RAM is taken from the end of what the VMM loaded, frames given back are reused. */

#include "ke.h"
#include "mm.h"

#include <rtl.h>

/* Frames kept out of commitment for page tables and for image pages. */
#define RESERVED_FRACTION 8

static uint64_t first_frame, next_frame, end_of_memory;
static uint64_t free_list; /* each free frame begins with the address of the next */
static uint64_t free_count;

uint64_t MmCommitLimit;

void MmInitialize(const struct rs_boot_info *boot)
{
    uint64_t pages;

    first_frame = next_frame = boot->free_gpa;
    end_of_memory = boot->memory_size < RS_RAM_MAX ? boot->memory_size : RS_RAM_MAX;
    pages = MmFreePages();
    MmCommitLimit = pages - pages / RESERVED_FRACTION;
}

/* RAM that was never used is zero. */
uint64_t MiAllocateFrame(void)
{
    uint64_t frame = free_list;

    if (frame) {
        free_list = *(uint64_t *)MmPhysical(frame);
        free_count--;
        memset(MmPhysical(frame), 0, PAGE_SIZE);
        return frame;
    }
    if (next_frame >= end_of_memory)
        return 0;
    frame = next_frame;
    next_frame += PAGE_SIZE;
    return frame;
}

/* Below the first frame are the kernel and the boot modules: mapped, never owned. */
bool MiIsOwnFrame(uint64_t gpa)
{
    return gpa >= first_frame;
}

void MiFreeFrame(uint64_t gpa)
{
    if (!MiIsOwnFrame(gpa))
        return;
    *(uint64_t *)MmPhysical(gpa) = free_list;
    free_list = gpa;
    free_count++;
}

uint64_t MmFreePages(void)
{
    return free_count + (end_of_memory > next_frame ? (end_of_memory - next_frame) / PAGE_SIZE : 0);
}
