/* SPDX-License-Identifier: MIT
 * Claim: CR4.UMIP is clear: SLDT and STR tell ring 3 that LDTR is null and TR is 40H
 *
 * Reference: SDM Vol. 2B, "SLDT - Store Local Descriptor Table Register"
 * Conditions: CR4.UMIP = 0
 * Trace: none */

#include "harness.h"

CLAIM()
{
    uint64_t ldt, tr;

    __asm__ volatile("sldt %k0\n\tstr %k1" : "=r"(ldt), "=r"(tr));
    EXPECT_EQUAL((uint16_t)ldt, 0);
    EXPECT_EQUAL((uint16_t)tr, KGDT64_SYS_TSS);
    EXPECT_EQUAL(seen_count, 0);
}
