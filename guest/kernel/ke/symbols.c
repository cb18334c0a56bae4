/* SPDX-License-Identifier: MIT
 * Names of kernel functions, from the table that mktables wrote. */

#include "symbols.h"
#include "ke.h"

/* The function that holds `address`, or NULL. Binary search for the last one not above it. */
const char *KiLookupSymbol(uint64_t address, uint64_t *offset)
{
    uint64_t wanted = address - RS_GVA_KERNEL;
    uint32_t low = 0, high = KiSymbols.count;

    if (address < RS_GVA_KERNEL || high == 0 || high > KERNEL_SYMBOLS_MAX)
        return NULL;
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;

        if (KiSymbols.entries[middle].offset <= wanted)
            low = middle;
        else
            high = middle;
    }
    *offset = wanted - KiSymbols.entries[low].offset;
    if (*offset >= KiSymbols.entries[low].size)
        return NULL;
    return &KiSymbols.names[KiSymbols.entries[low].name];
}
