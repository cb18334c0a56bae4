/* SPDX-License-Identifier: MIT
 * Address ranges of a process: a list sorted by address. */

#include "mm.h"

#include <nt/memory.h>

#define VADS_MAX 256

static struct mm_vad pool[VADS_MAX];
static struct mm_vad *free_vads;
static unsigned pool_used;

static struct mm_vad *allocate_vad(void)
{
    struct mm_vad *vad = free_vads;

    if (vad) {
        free_vads = vad->Next;
        *vad = (struct mm_vad){0};
        return vad;
    }
    return pool_used < VADS_MAX ? &pool[pool_used++] : NULL;
}

static void free_vad(struct mm_vad *vad)
{
    vad->Next = free_vads;
    free_vads = vad;
}

struct mm_vad *MiFindVad(const struct kprocess *process, uint64_t address)
{
    struct mm_vad *vad = process->Vads;

    while (vad && vad->End <= address)
        vad = vad->Next;
    return vad && vad->Start <= address ? vad : NULL;
}

/* 0: no gap is wide enough. Allocations begin at multiples of 64 KiB. */
uint64_t MiFindGap(const struct kprocess *process, uint64_t size, bool top_down)
{
    const uint64_t mask = ALLOCATION_GRANULARITY - 1;
    uint64_t start = MM_LOWEST_USER_ADDRESS, found = 0;
    const struct mm_vad *vad = process->Vads;

    for (;; vad = vad->Next) {
        uint64_t end = vad ? vad->Start : RS_GVA_USER_PROBE;

        if (end > start && end - start >= size) {
            found = top_down ? (end - size) & ~mask : start;
            if (found < start)
                found = 0;
            else if (!top_down)
                return found;
        }
        if (!vad)
            return found;
        start = (vad->End + mask) & ~mask;
    }
}

NTSTATUS MiInsertVad(struct kprocess *process, uint64_t start, uint64_t end, struct mm_vad **vad)
{
    struct mm_vad **link = &process->Vads, *new;

    while (*link && (*link)->End <= start)
        link = &(*link)->Next;
    if (*link && (*link)->Start < end)
        return STATUS_CONFLICTING_ADDRESSES;
    new = allocate_vad();
    if (!new)
        return STATUS_INSUFFICIENT_RESOURCES;
    new->Start = new->AllocationBase = start;
    new->End = end;
    new->Next = *link;
    *link = new;
    *vad = new;
    return STATUS_SUCCESS;
}

static void remove_vad(struct kprocess *process, struct mm_vad *vad)
{
    struct mm_vad **link = &process->Vads;

    while (*link != vad)
        link = &(*link)->Next;
    *link = vad->Next;
    free_vad(vad);
}

/* Protection code of one page; MM_DECOMMIT when it is reserved only. */
unsigned MiPageProtection(const struct mm_vad *vad, const uint64_t *pte)
{
    if (pte && *pte)
        return MiPteProtection(*pte);
    return vad->Committed ? vad->Protection : MM_DECOMMIT;
}

static void release_pages(struct kprocess *process, const struct mm_vad *vad, uint64_t start,
                          uint64_t end)
{
    uint64_t next;

    for (uint64_t address = start; address < end; address = next) {
        uint64_t *pte = MiFindPte(process, address, &next);

        if (next > end)
            next = end;
        if (MiPageProtection(vad, pte) != MM_DECOMMIT && (!vad->Segment || vad->CopyOnWrite))
            MiUncharge(process, (next - address) / PAGE_SIZE);
        if (pte)
            MiReleasePte(pte, address, 0);
    }
}

/* A part of one range, or all of it. What is cut out of the middle leaves two ranges. */
NTSTATUS MiReleaseRange(struct kprocess *process, struct mm_vad *vad, uint64_t start, uint64_t end)
{
    if (start > vad->Start && end < vad->End) {
        uint64_t old_end = vad->End;
        struct mm_vad *tail;
        NTSTATUS status;

        vad->End = end;
        status = MiInsertVad(process, end, old_end, &tail);
        if (!NT_SUCCESS(status)) {
            vad->End = old_end;
            return status;
        }
        tail->AllocationBase = vad->AllocationBase;
        tail->AllocationProtect = vad->AllocationProtect;
        tail->Protection = vad->Protection;
        tail->Committed = vad->Committed;
    }
    release_pages(process, vad, start, end);
    if (start > vad->Start)
        vad->End = start;
    else if (end < vad->End)
        vad->Start = end;
    else
        remove_vad(process, vad);
    return STATUS_SUCCESS;
}

/* A view with all its pages. */
void MiReleaseVad(struct kprocess *process, struct mm_vad *vad)
{
    struct mm_segment *segment = vad->Segment;

    release_pages(process, vad, vad->Start, vad->End);
    remove_vad(process, vad);
    segment->Views--;
    MiDereferenceSegment(segment);
}
