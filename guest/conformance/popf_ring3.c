/* SPDX-License-Identifier: MIT
 * Claim: POPF in ring 3 changes neither IF nor IOPL, and does not fault
 *
 * Reference: SDM Vol. 2B, "POPF/POPFD/POPFQ - Pop Stack Into EFLAGS Register"
 * Conditions: CPL 3, IOPL 0; IF = 0 and IOPL = 3 in the value
 * Trace: none */

#include "harness.h"

CLAIM()
{
    uint64_t flags;

    __asm__ volatile("pushq $0x3002\n\tpopfq\n\tpushfq\n\tpopq %0" : "=r"(flags) : : "cc");
    EXPECT_EQUAL(flags & RFLAGS_IF, RFLAGS_IF);
    EXPECT_EQUAL(flags & RFLAGS_IOPL, 0);
}
