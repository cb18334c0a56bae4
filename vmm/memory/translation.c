/* SPDX-License-Identifier: MIT
 * A translation that is kept. SDM Vol. 3A, "4-Level Paging and 5-Level Paging". */
#include "translation.h"

#include <ringscope/x86/cpu.h>

static bool is_canonical(uint64_t gva)
{
    return (uint64_t)((int64_t)(gva << 16) >> 16) == gva;
}

static bool is_leaf(uint64_t entry, int shift)
{
    return shift == PAGE_SHIFT || (shift <= 30 && (entry & PTE_PS));
}

int rs_translate(const struct rs_memory *memory, uint64_t cr3, uint64_t page,
                 struct rs_translation *translation)
{
    uint64_t table = cr3 & PTE_ADDRESS_MASK;
    unsigned level = 0;

    translation->host = NULL;
    if (!is_canonical(page))
        return -1;
    for (int shift = 39; level < RS_TRANSLATION_LEVELS; shift -= 9, level++) {
        uint64_t mask = (RS_U64(1) << shift) - 1;
        const void *host = rs_memory_host(memory, table + ((page >> shift) & 511) * 8, 8);
        uint64_t entry;

        if (!host)
            return -1;
        rs_copy_once(&entry, host, sizeof(entry));
        if (!(entry & PTE_P))
            return -1;
        translation->entries[level] = host;
        translation->values[level] = entry;
        table = entry & PTE_ADDRESS_MASK;
        if (is_leaf(entry, shift)) {
            table = (table & ~mask) | (page & mask);
            break;
        }
    }
    translation->cr3 = cr3;
    translation->page = page;
    translation->levels = level + 1;
    translation->host = rs_memory_host(memory, table, PAGE_SIZE);
    return translation->host ? 0 : -1;
}
