/* SPDX-License-Identifier: MIT
 * Claim: An unaligned load without RFLAGS.AC raises nothing
 *
 * Reference: SDM Vol. 3A, "Interrupt 17 - Alignment Check Exception (#AC)"
 * Conditions: CR0.AM = 1, RFLAGS.AC = 0
 * Trace: none */

#include "harness.h"

CLAIM()
{
    uint64_t words[2] = {0x1122334455667788, 0};
    uint32_t value;

    __asm__ volatile("movl 1(%1), %0" : "=r"(value) : "r"(words), "m"(words));
    EXPECT_EQUAL(value, 0x44556677);
    EXPECT_EQUAL(seen_count, 0);
}
