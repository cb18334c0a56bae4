/* SPDX-License-Identifier: MIT
 * What a page holds when it is used: zeros, file bytes, a page of a segment, what was paged out. */

#include "mm.h"

#include <rtl.h>

static bool copies_on_write(unsigned protection)
{
    return MiPteRights(protection) & MM_PTE_COPY_ON_WRITE;
}

/* The code that a page has once it is the process's own. */
static unsigned private_protection(unsigned protection)
{
    return copies_on_write(protection) ? protection & ~1u : protection;
}

/* `modified`: the content cannot be had again. `not_accessed`: PTE_A, for an entry without it. */
static void map_as(uint64_t *pte, uint64_t frame, unsigned protection, bool modified,
                   uint64_t not_accessed)
{
    struct mm_pfn *pfn = MiPfn(frame);

    pfn->Shares = 1;
    pfn->Modified = modified;
    *pte = MiValidPte(frame, private_protection(protection)) & ~not_accessed;
}

static void map_private(uint64_t *pte, uint64_t frame, unsigned protection, bool modified)
{
    map_as(pte, frame, protection, modified, 0);
}

static NTSTATUS map_zeros(uint64_t *pte, unsigned protection)
{
    uint64_t frame = MiAllocateFrame();

    if (!frame)
        return STATUS_NO_MEMORY;
    MmCounters.DemandZero++;
    map_private(pte, frame, protection, false);
    return STATUS_SUCCESS;
}

/* File bytes of the page of an image that begins at `page`; the rest of it is zero. */
static uint64_t file_bytes(const struct mm_vad *vad, uint64_t page)
{
    uint64_t offset = page - vad->Start;

    if (offset >= vad->FileSize)
        return 0;
    return vad->FileSize - offset < PAGE_SIZE ? vad->FileSize - offset : PAGE_SIZE;
}

/*
 * Pages of a program are mapped where the VMM loaded them until they are written. A page that is
 * file bytes in part only cannot be: what follows them there is not zero.
 */
static NTSTATUS map_image(const struct mm_vad *vad, uint64_t *pte, uint64_t page,
                          unsigned protection, bool write)
{
    uint64_t bytes = file_bytes(vad, page), source = vad->FileGpa + (page - vad->Start), frame;
    bool writable = (MiPteRights(protection) & PTE_W) ||
                    (copies_on_write(protection) && (write || bytes < PAGE_SIZE));

    if (bytes == 0)
        return map_zeros(pte, protection);
    if (!writable) {
        *pte = MiValidPte(source, protection);
        return STATUS_SUCCESS;
    }
    frame = bytes < PAGE_SIZE ? MiAllocateFrame() : MiAllocateFrameToFill();
    if (!frame)
        return STATUS_NO_MEMORY;
    memcpy(MmPhysical(frame), MmPhysical(source), bytes);
    MmCounters.CopyOnWrite += write;
    map_private(pte, frame, protection, false);
    return STATUS_SUCCESS;
}

static NTSTATUS map_copy(uint64_t *pte, uint64_t source, unsigned protection)
{
    uint64_t frame = MiAllocateFrameToFill();

    if (!frame)
        return STATUS_NO_MEMORY;
    memcpy(MmPhysical(frame), MmPhysical(source), PAGE_SIZE);
    MmCounters.CopyOnWrite++;
    map_private(pte, frame, protection, true);
    return STATUS_SUCCESS;
}

static NTSTATUS map_view(const struct mm_vad *vad, uint64_t *pte, uint64_t page,
                         unsigned protection, bool write)
{
    uint64_t index = vad->SegmentPage + (page - vad->Start) / PAGE_SIZE, frame;
    NTSTATUS status = MiSegmentFrame(vad->Segment, index, &frame);

    if (!NT_SUCCESS(status))
        return status;
    if (write && copies_on_write(protection))
        return map_copy(pte, frame, protection);
    if (MiIsOwnFrame(frame))
        MiPfn(frame)->Shares++;
    *pte = MiValidPte(frame, protection);
    return STATUS_SUCCESS;
}

/*
 * The pages behind, in the same page table, that lie behind in the paging file, too: one request
 * reads them all. Each gets a frame; their number is returned.
 */
static unsigned gather(const struct mm_vad *vad, const uint64_t *pte, uint64_t page,
                       uint64_t *frames)
{
    uint64_t slot = MiPteSlot(*pte);
    unsigned count = 0;

    do {
        frames[count] = MiAllocateFrameToFill();
        if (!frames[count])
            break;
        count++;
        page += PAGE_SIZE;
    } while (count < MM_READ_CLUSTER && page < vad->End && page % LARGE_PAGE_SIZE &&
             MiPteSlot(pte[count]) == slot + count);
    return count;
}

/*
 * What is going to be written differs from its slot: another page can have that. A page that only
 * came along has not been accessed.
 */
static void map_read(uint64_t *pte, uint64_t frame, bool first, bool write)
{
    uint64_t slot = MiPteSlot(*pte);

    map_as(pte, frame, MiPteProtection(*pte), write, first ? 0 : PTE_A);
    if (write)
        MiFreeSlot(slot);
    else
        MiPfn(frame)->Slot = (uint32_t)slot;
}

static NTSTATUS map_paged(const struct mm_vad *vad, uint64_t *pte, uint64_t page, bool write)
{
    uint64_t slot = MiPteSlot(*pte), frames[MM_READ_CLUSTER];
    unsigned count = gather(vad, pte, page, frames);
    NTSTATUS status = count ? MiPageIn(slot, frames, count) : STATUS_NO_MEMORY;

    for (unsigned i = 0; i < count; i++) {
        /* A page may have come or gone while the disk was read. */
        if (NT_SUCCESS(status) && MiPteSlot(pte[i]) == slot + i)
            map_read(&pte[i], frames[i], i == 0, write && i == 0);
        else
            MiFreeFrame(frames[i]);
    }
    return status;
}

NTSTATUS MiMakeValid(const struct mm_vad *vad, uint64_t *pte, uint64_t page, unsigned protection,
                     bool write)
{
    if (*pte & MM_PTE_TRANSITION) {
        MmCounters.Transition++;
        MiSetPte(pte, page,
                 MiValidPte(*pte & PTE_ADDRESS_MASK, protection) | (*pte & MM_PTE_LOCKED));
        return STATUS_SUCCESS;
    }
    if (MiPteSlot(*pte))
        return map_paged(vad, pte, page, write);
    if (vad->Image)
        return map_image(vad, pte, page, protection, write);
    if (vad->Segment)
        return map_view(vad, pte, page, protection, write);
    return map_zeros(pte, protection);
}

/* A page in use that copies on write is written. */
NTSTATUS MiCopyOnWrite(uint64_t *pte, uint64_t page)
{
    uint64_t old = *pte, copy = 0;
    unsigned protection = MiPteProtection(old);
    NTSTATUS status;

    if (MiPtePrivate(old)) {
        MiSetPte(pte, page,
                 MiValidPte(old & PTE_ADDRESS_MASK, private_protection(protection)) |
                     (old & MM_PTE_LOCKED));
        return STATUS_SUCCESS;
    }
    status = map_copy(&copy, old & PTE_ADDRESS_MASK, protection);
    if (NT_SUCCESS(status))
        MiReleasePte(pte, page, copy);
    return status;
}
