/* SPDX-License-Identifier: MIT
 * User page tables: walk, create, and the formats of their last level. */

#include "mm.h"
#include "processor.h"

#define INDEX_BITS 9
#define INDEX_MASK ((1u << INDEX_BITS) - 1)
#define SHIFT_OF(level) (PAGE_SHIFT + INDEX_BITS * (level))

static inline uint64_t *entry_of(uint64_t table, uint64_t address, unsigned level)
{
    uint64_t *entries = MmPhysical(table & PTE_ADDRESS_MASK);

    return &entries[address >> SHIFT_OF(level) & INDEX_MASK];
}

/*
 * The PTE of `address`, or NULL when a table above it is missing: then *next is the first
 * address behind what that table would map.
 */
uint64_t *MiFindPte(const struct kprocess *process, uint64_t address, uint64_t *next)
{
    uint64_t table = process->DirectoryTableBase;

    for (unsigned level = 3; level > 0; level--) {
        table = *entry_of(table, address, level);
        if (!(table & PTE_P)) {
            *next = ((address >> SHIFT_OF(level)) + 1) << SHIFT_OF(level);
            return NULL;
        }
    }
    *next = address + PAGE_SIZE;
    return entry_of(table, address, 0);
}

/* Rights are those of the last level: the tables allow everything. 0: out of frames. */
static uint64_t add_table(uint64_t *entry)
{
    uint64_t frame = MiAllocateFrame();

    if (frame)
        *entry = frame | PTE_P | PTE_W | PTE_U | PTE_A;
    return frame;
}

static inline uint64_t table_below(uint64_t *entry)
{
    return *entry & PTE_P ? *entry : add_table(entry);
}

/* On the path of every page fault, so the levels are written out. NULL: out of frames. */
uint64_t *MiCreatePte(const struct kprocess *process, uint64_t address)
{
    uint64_t *root_entry = entry_of(process->DirectoryTableBase, address, 3);
    uint64_t table = *root_entry;

    if (!(table & PTE_P)) {
        table = add_table(root_entry);
        MiShareTable(process, root_entry);
    }
    if (table)
        table = table_below(entry_of(table, address, 2));
    if (table)
        table = table_below(entry_of(table, address, 1));
    return table ? entry_of(table, address, 0) : NULL;
}

/* A resident page: the processor's format if it may be used, else a transition entry. */
uint64_t MiValidPte(uint64_t frame, unsigned protection)
{
    if (protection & MM_GUARD)
        return frame | MM_PTE_TRANSITION | (uint64_t)protection << MM_PTE_PROTECTION_SHIFT;
    return frame | MiPteRights(protection) | (uint64_t)protection << MM_PTE_VALID_PROTECTION_SHIFT;
}

uint64_t MiSoftwarePte(unsigned protection)
{
    return (uint64_t)protection << MM_PTE_PROTECTION_SHIFT;
}

uint64_t MiSlotPte(uint64_t slot, unsigned protection)
{
    return slot << MM_PTE_SLOT_SHIFT | MiSoftwarePte(protection);
}

/* What the processor has noted in an entry outlives it. */
static void keep_dirty(uint64_t pte)
{
    if ((pte & PTE_P) && (pte & PTE_D) && MiIsOwnFrame(pte & PTE_ADDRESS_MASK))
        MiPfn(pte & PTE_ADDRESS_MASK)->Modified = true;
}

/* Another entry for the same page. A processor that has found the old one may still note there that
 * it writes: what is taken out is final. */
void MiSetPte(uint64_t *pte, uint64_t address, uint64_t value)
{
    uint64_t old = __atomic_exchange_n(pte, value, __ATOMIC_SEQ_CST);

    keep_dirty(old);
    if (old & PTE_P)
        KeFlushSingleTb(address);
}

/* Gives the page back, if there is one, and leaves `replacement`. */
void MiReleasePte(uint64_t *pte, uint64_t address, uint64_t replacement)
{
    uint64_t old = *pte, frame = old & PTE_ADDRESS_MASK;

    MiSetPte(pte, address, replacement);
    if (!MiPteResident(old)) {
        MiFreeSlot(MiPteSlot(old));
        return;
    }
    if (old & MM_PTE_LOCKED)
        MmLockedPages--;
    if (!MiIsOwnFrame(frame))
        return;
    MiPfn(frame)->Shares--;
    if (!MiPfn(frame)->Section)
        MiFreeFrame(frame);
}
