/* SPDX-License-Identifier: MIT
 * Claim: The first store to a committed page faults, is served with zeros, and runs again
 *
 * Reference: SDM Vol. 3A, "Interrupt 14 - Page-Fault Exception (#PF)"
 * Conditions: committed memory that was never used
 * Needs: pf.read
 * Trace: SYSCALL NtAllocateVirtualMemory from 3
 *        SYSRET NtAllocateVirtualMemory = STATUS_SUCCESS
 *        EXC #PF(0x6) from 3 on RSP0
 *        IRET #PF to restart
 *        SYSCALL NtFreeVirtualMemory from 3
 *        SYSRET NtFreeVirtualMemory = STATUS_SUCCESS */

#include "harness.h"

CLAIM()
{
    void *base = NULL;
    uint64_t size = PAGE_SIZE, sum = 0;

    REQUIRE(NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size, MEM_RESERVE | MEM_COMMIT,
                                    PAGE_READWRITE) == STATUS_SUCCESS);
    ((volatile uint8_t *)base)[PAGE_SIZE - 1] = 1;
    for (unsigned i = 0; i < PAGE_SIZE; i++)
        sum += ((volatile uint8_t *)base)[i];
    EXPECT_EQUAL(sum, 1);
    EXPECT_EQUAL(seen_count, 0);
    page_free(base);
}
