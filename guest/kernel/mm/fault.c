/* SPDX-License-Identifier: MIT
 * The pager: makes the page of a fault usable, or says why it is not. */

#include "cpu.h"
#include "ke.h"
#include "mm.h"

#include <rtl.h>

/* File bytes of the page that begins at `page`; the rest of it is zero. */
static uint64_t file_bytes(const struct mm_vad *vad, uint64_t page)
{
    uint64_t offset = page - vad->Start;

    if (!vad->Image || offset >= vad->FileSize)
        return 0;
    return vad->FileSize - offset < PAGE_SIZE ? vad->FileSize - offset : PAGE_SIZE;
}

/*
 * The first use of a page. File pages that cannot be written are mapped where the VMM loaded
 * them; every other page is a frame of its own, with a copy of its file bytes.
 */
static uint64_t first_content(const struct mm_vad *vad, uint64_t page, unsigned protection)
{
    uint64_t bytes = file_bytes(vad, page), source = vad->FileGpa + (page - vad->Start), frame;

    if (bytes && !(MiPteRights(protection) & PTE_W))
        return source;
    frame = MiAllocateFrame();
    if (frame && bytes)
        memcpy(MmPhysical(frame), MmPhysical(source), bytes);
    return frame;
}

static NTSTATUS make_valid(const struct mm_vad *vad, uint64_t *pte, uint64_t page,
                           unsigned protection)
{
    uint64_t frame;

    if (*pte & MM_PTE_TRANSITION)
        frame = *pte & PTE_ADDRESS_MASK;
    else
        frame = first_content(vad, page, protection);
    if (!frame)
        return STATUS_NO_MEMORY;
    *pte = MiValidPte(frame, protection);
    return STATUS_SUCCESS;
}

/* A guard page gives one warning and is an ordinary page from then on. */
static NTSTATUS take_guard(uint64_t *pte, unsigned protection)
{
    protection &= ~MM_GUARD;
    if (*pte & MM_PTE_TRANSITION)
        *pte = MiValidPte(*pte & PTE_ADDRESS_MASK, protection);
    else
        *pte = MiSoftwarePte(protection);
    return STATUS_GUARD_PAGE_VIOLATION;
}

static NTSTATUS resolve(const struct kprocess *process, uint64_t error_code, uint64_t page)
{
    const struct mm_vad *vad = MiFindVad(process, page);
    unsigned protection;
    uint64_t *pte;

    if (!vad)
        return STATUS_ACCESS_VIOLATION;
    pte = MiCreatePte(process, page);
    if (!pte)
        return STATUS_NO_MEMORY;
    protection = MiPageProtection(vad, pte);
    if (protection == MM_DECOMMIT || protection == MM_NOACCESS)
        return STATUS_ACCESS_VIOLATION;
    if (protection & MM_GUARD)
        return take_guard(pte, protection);
    if (!MiAllows(protection, error_code))
        return STATUS_ACCESS_VIOLATION;
    if (*pte & PTE_P) { /* the entry allows it: the processor used an old one */
        KiInvalidatePage(page);
        return STATUS_SUCCESS;
    }
    return make_valid(vad, pte, page, protection);
}

NTSTATUS MmAccessFault(uint64_t error_code, uint64_t address)
{
    if (address < MM_LOWEST_USER_ADDRESS || address >= RS_GVA_USER_PROBE)
        return STATUS_ACCESS_VIOLATION;
    return resolve(PsGetCurrentProcess(), error_code, address & ~(PAGE_SIZE - 1));
}
