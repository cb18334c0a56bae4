/* SPDX-License-Identifier: MIT
 * Copying between the pages of a segment and user memory: reading and writing files. */

#include "ke.h"
#include "mm.h"

/* The copy may fault, and what it needs may take this page away: it is pinned meanwhile. */
static NTSTATUS copy_page(uint64_t frame, uint64_t offset, void *user, uint64_t size, bool write)
{
    uint8_t *page = (uint8_t *)MmPhysical(frame) + offset;
    struct mm_pfn *pfn = MiIsOwnFrame(frame) ? MiPfn(frame) : NULL;
    NTSTATUS status;

    if (pfn)
        pfn->Pins++;
    if (write)
        status = MmReadUser(page, user, size);
    else
        status = MmWriteUser(user, page, size);
    if (pfn) {
        pfn->Pins--;
        pfn->Modified |= write;
    }
    return status;
}

static NTSTATUS copy(struct mm_segment *segment, uint64_t offset, uint8_t *user, uint64_t size,
                     bool write)
{
    NTSTATUS status = STATUS_SUCCESS;

    while (size && NT_SUCCESS(status)) {
        uint64_t in_page = offset % PAGE_SIZE, piece = PAGE_SIZE - in_page, frame;

        if (piece > size)
            piece = size;
        MmBalance();
        status = MiSegmentFrame(segment, offset / PAGE_SIZE, &frame);
        if (NT_SUCCESS(status))
            status = copy_page(frame, in_page, user, piece, write);
        offset += piece;
        user += piece;
        size -= piece;
    }
    return status;
}

/* The range lies inside the segment. */
NTSTATUS MmReadSegment(struct mm_segment *segment, uint64_t offset, void *user, uint64_t size)
{
    return copy(segment, offset, user, size, false);
}

NTSTATUS MmWriteSegment(struct mm_segment *segment, uint64_t offset, const void *user,
                        uint64_t size)
{
    return copy(segment, offset, (uint8_t *)(uint64_t)user, size, true);
}
