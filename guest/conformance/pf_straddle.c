/* SPDX-License-Identifier: MIT
 * Claim: An access over a page boundary faults with CR2 = the first byte of the missing page
 *
 * Reference: SDM Vol. 3A, "Interrupt 14 - Page-Fault Exception (#PF)"
 * Conditions: a page of its own, with nothing mapped behind it: regions begin at multiples of
 *   64 KiB
 * Needs: pf.read
 * Trace: SYSCALL NtAllocateVirtualMemory from 3
 *        SYSRET NtAllocateVirtualMemory = STATUS_SUCCESS
 *        EXC #PF(0x4) from 3 on RSP0
 *        IRET #PF to restart
 *        EXC #PF(0x4) from 3 on RSP0
 *        IRET #PF to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3
 *        SYSCALL NtFreeVirtualMemory from 3
 *        SYSRET NtFreeVirtualMemory = STATUS_SUCCESS */

#include "harness.h"

CLAIM()
{
    uint8_t *page = page_alloc(PAGE_READWRITE);

    REQUIRE(page);
    PROVOKE("", "movq -3(%[end]), %%rax", [end] "r"(page + PAGE_SIZE));
    expect_raised(STATUS_ACCESS_VIOLATION);
    expect_access(EXCEPTION_READ_FAULT, (uint64_t)page + PAGE_SIZE);
    page_free(page);
}
