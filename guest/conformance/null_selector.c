/* SPDX-License-Identifier: MIT
 * Claim: Null selectors may be loaded into DS and ES in 64-bit mode, and memory is reached all
 *   the same
 *
 * Reference: SDM Vol. 3A, "NULL Segment Checking in 64-bit Mode"
 * Conditions: DS and ES loaded with 0, then with 2BH again
 * Trace: none */

#include "harness.h"

CLAIM()
{
    volatile uint64_t word = 42;
    uint64_t value;

    __asm__ volatile(
        "movl %k2, %%ds\n\tmovl %k2, %%es\n\tmovq %1, %0\n\tmovl %k3, %%ds\n\tmovl %k3, %%es"
        : "=&r"(value)
        : "m"(word), "r"(0), "r"(KGDT64_R3_DATA | RPL_MASK));
    EXPECT_EQUAL(value, 42);
    EXPECT_EQUAL(seen_count, 0);
}
