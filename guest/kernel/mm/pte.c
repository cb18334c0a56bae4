/* SPDX-License-Identifier: MIT
 * User page tables: walk, create, and the formats of their last level. */

#include "cpu.h"
#include "mm.h"

#define LEVELS 4
#define INDEX_BITS 9

static unsigned shift_of(unsigned level)
{
    return PAGE_SHIFT + INDEX_BITS * level;
}

static uint64_t *entry_of(uint64_t table, uint64_t address, unsigned level)
{
    uint64_t index = address >> shift_of(level) & ((1u << INDEX_BITS) - 1);

    return (uint64_t *) MmPhysical(table & PTE_ADDRESS_MASK) + index;
}

/*
 * The PTE of `address`, or NULL when a table above it is missing: then *next is the first
 * address behind what that table would map.
 */
uint64_t *MiFindPte(const struct kprocess *process, uint64_t address, uint64_t *next)
{
    uint64_t table = process->DirectoryTableBase;

    for (unsigned level = LEVELS - 1; level > 0; level--) {
        table = *entry_of(table, address, level);
        if (!(table & PTE_P)) {
            *next = ((address >> shift_of(level)) + 1) << shift_of(level);
            return NULL;
        }
    }
    *next = address + PAGE_SIZE;
    return entry_of(table, address, 0);
}

/* Rights are those of the last level: the tables allow everything. NULL: out of frames. */
uint64_t *MiCreatePte(const struct kprocess *process, uint64_t address)
{
    uint64_t table = process->DirectoryTableBase;

    for (unsigned level = LEVELS - 1; level > 0; level--) {
        uint64_t *entry = entry_of(table, address, level);

        if (!(*entry & PTE_P)) {
            uint64_t frame = MiAllocateFrame();

            if (!frame)
                return NULL;
            *entry = frame | PTE_P | PTE_W | PTE_U | PTE_A;
        }
        table = *entry;
    }
    return entry_of(table, address, 0);
}

static bool is_writable(unsigned protection)
{
    return (protection & 7) == MM_READWRITE || (protection & 7) == MM_EXECUTE_READWRITE;
}

static bool is_executable(unsigned protection)
{
    return (protection & 7) == MM_EXECUTE || (protection & 7) == MM_EXECUTE_READ ||
           (protection & 7) == MM_EXECUTE_READWRITE;
}

/* A resident page: the processor's format if it may be used, else a transition entry. */
uint64_t MiValidPte(uint64_t frame, unsigned protection)
{
    if (protection & MM_GUARD)
        return frame | MM_PTE_TRANSITION | (uint64_t) protection << MM_PTE_PROTECTION_SHIFT;
    return frame | PTE_P | PTE_U | PTE_A | PTE_D | (is_writable(protection) ? PTE_W : 0) |
           (is_executable(protection) ? 0 : PTE_NX) |
           (uint64_t) protection << MM_PTE_VALID_PROTECTION_SHIFT;
}

uint64_t MiSoftwarePte(unsigned protection)
{
    return (uint64_t) protection << MM_PTE_PROTECTION_SHIFT;
}

unsigned MiPteProtection(uint64_t pte)
{
    unsigned shift = pte & PTE_P ? MM_PTE_VALID_PROTECTION_SHIFT : MM_PTE_PROTECTION_SHIFT;

    return pte >> shift & MM_PROTECTION_MASK;
}

/* Gives the page back, if there is one, and leaves `replacement`. */
void MiReleasePte(uint64_t *pte, uint64_t address, uint64_t replacement)
{
    uint64_t old = *pte;

    *pte = replacement;
    if (old & PTE_P)
        KiInvalidatePage(address);
    if (old & (PTE_P | MM_PTE_TRANSITION))
        MiFreeFrame(old & PTE_ADDRESS_MASK);
}
