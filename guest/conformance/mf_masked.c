/* SPDX-License-Identifier: MIT
 * Claim: A masked x87 exception raises nothing
 *
 * Reference: SDM Vol. 1, "x87 FPU Floating-Point Exception Handling"
 * Conditions: division by zero masked
 * Trace: none */

#include "harness.h"

CLAIM()
{
    uint16_t status;

    __asm__ volatile("fninit\n\tfld1\n\tfldz\n\tfdivrp\n\tfwait\n\tfnstsw %0\n\tfninit"
                     : "=m"(status));
    EXPECT_EQUAL(status & 4, 4);
    EXPECT_EQUAL(seen_count, 0);
}
