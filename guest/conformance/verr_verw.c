/* SPDX-License-Identifier: MIT
 * Claim: VERR and VERW tell what ring 3 may use without a fault
 *
 * Reference: SDM Vol. 2C, "VERR/VERW - Verify a Segment for Reading or Writing"
 * Conditions: selectors 2BH (data of ring 3) and 18H (data of ring 0)
 * Trace: none */

#include "harness.h"

CLAIM()
{
    uint8_t own, kernel;

    __asm__ volatile("verw %w2\n\tsetz %0\n\tverr %w3\n\tsetz %1"
                     : "=&r"(own), "=&r"(kernel)
                     : "r"(KGDT64_R3_DATA | RPL_MASK), "r"(KGDT64_R0_DATA)
                     : "cc");
    EXPECT_EQUAL(own, 1);
    EXPECT_EQUAL(kernel, 0);
    EXPECT_EQUAL(seen_count, 0);
}
