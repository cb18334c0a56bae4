/* SPDX-License-Identifier: MIT
 * Claim: CPUID and RDTSC are no transitions of ring 3, and time goes forward
 *
 * Reference: SDM Vol. 2B, "RDTSC - Read Time-Stamp Counter"
 * Conditions: CR4.TSD = 0
 * Trace: none */

#include "harness.h"

CLAIM()
{
    uint32_t eax = 0, ebx, ecx = 0, edx, low, high, low2, high2;

    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    EXPECT(eax >= 1);
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    __asm__ volatile("rdtsc" : "=a"(low2), "=d"(high2));
    EXPECT(((uint64_t)high2 << 32 | low2) >= ((uint64_t)high << 32 | low));
    EXPECT_EQUAL(seen_count, 0);
}
