/* SPDX-License-Identifier: MIT
 * The pager: makes the page of a fault usable, or says why it is not. */

#include "cpu.h"
#include "ke.h"
#include "mm.h"

#include <nt/process.h>

/* A stack keeps so many pages below its guard page for the handler of its own overflow. */
#define OVERFLOW_PAGES 2

static void set_stack_limit(uint64_t page)
{
    struct teb *teb = (struct teb *)KeGetCurrentThread()->Teb;

    MmWriteUser(&teb->StackLimit, &page,
                sizeof(page)); /* a TEB that is gone is the program's loss */
}

/*
 * The guard page of a stack moves down. At the end of the stack the pages that are left become
 * usable at once and the program is told.
 */
static NTSTATUS grow_stack(struct kprocess *process, const struct mm_vad *vad, uint64_t page)
{
    bool overflow = page < vad->Start + (OVERFLOW_PAGES + 1) * PAGE_SIZE;
    uint64_t pages = overflow ? (page - vad->Start) / PAGE_SIZE - 1 : 1;
    unsigned protection = overflow ? MM_READWRITE : MM_READWRITE | MM_GUARD;

    for (uint64_t below = page - PAGE_SIZE; pages; pages--, below -= PAGE_SIZE) {
        uint64_t *pte = MiCreatePte(process, below);

        if (!pte)
            return STATUS_STACK_OVERFLOW;
        if (*pte) /* the program has committed it already */
            continue;
        if (!MiCharge(process, 1))
            return STATUS_STACK_OVERFLOW;
        *pte = MiSoftwarePte(protection);
    }
    set_stack_limit(overflow ? vad->Start + PAGE_SIZE : page);
    return overflow ? STATUS_STACK_OVERFLOW : STATUS_SUCCESS;
}

/* A guard page gives one warning and is an ordinary page from then on. */
static NTSTATUS take_guard(uint64_t *pte, unsigned protection)
{
    protection &= ~MM_GUARD;
    if (*pte & MM_PTE_TRANSITION)
        *pte = MiValidPte(*pte & PTE_ADDRESS_MASK, protection) | (*pte & MM_PTE_LOCKED);
    else if (MiPteSlot(*pte))
        *pte = MiSlotPte(MiPteSlot(*pte), protection);
    else
        *pte = MiSoftwarePte(protection);
    return STATUS_GUARD_PAGE_VIOLATION;
}

static NTSTATUS resolve_guard(struct kprocess *process, const struct mm_vad *vad, uint64_t *pte,
                              uint64_t page, unsigned protection)
{
    NTSTATUS status = take_guard(pte, protection), grown;

    if (!vad->Stack)
        return status;
    grown = grow_stack(process, vad, page);
    status = MiMakeValid(vad, pte, page, protection & ~(unsigned)MM_GUARD, true);
    return NT_SUCCESS(grown) ? status : grown;
}

static NTSTATUS resolve(struct kprocess *process, uint64_t error_code, uint64_t page)
{
    const struct mm_vad *vad = MiFindVad(process, page);
    bool write = error_code & PF_ERROR_W;
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
        return resolve_guard(process, vad, pte, page, protection);
    if (!MiAllows(protection, error_code))
        return STATUS_ACCESS_VIOLATION;
    if (!(*pte & PTE_P))
        return MiMakeValid(vad, pte, page, protection, write);
    if (write && (*pte & MM_PTE_COPY_ON_WRITE))
        return MiCopyOnWrite(pte, page);
    KiInvalidatePage(page); /* the entry allows it: the processor used an old one */
    return STATUS_SUCCESS;
}

NTSTATUS MmAccessFault(uint64_t error_code, uint64_t address)
{
    if (address < MM_LOWEST_USER_ADDRESS || address >= RS_GVA_USER_PROBE)
        return STATUS_ACCESS_VIOLATION;
    MmBalance();
    return resolve(PsGetCurrentProcess(), error_code, address & ~(PAGE_SIZE - 1));
}
