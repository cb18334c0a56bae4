/* SPDX-License-Identifier: MIT
 * Claim: A page made read-only refuses the next store: no old translation is used
 *
 * Reference: SDM Vol. 3A, "Invalidation of TLBs and Paging-Structure Caches"
 * Conditions: the page was written before NtProtectVirtualMemory
 * Needs: pf.write
 * Trace: SYSCALL NtAllocateVirtualMemory from 3
 *        SYSRET NtAllocateVirtualMemory = STATUS_SUCCESS
 *        EXC #PF(0x4) from 3 on RSP0
 *        IRET #PF to restart
 *        SYSCALL NtProtectVirtualMemory from 3
 *        SYSRET NtProtectVirtualMemory = STATUS_SUCCESS
 *        EXC #PF(0x7) from 3 on RSP0
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
    REQUIRE(page_protect(page, PAGE_READONLY) == STATUS_SUCCESS);
    PROVOKE("", "movb %%al, (%[page])", [page] "r"(page));
    expect_raised(STATUS_ACCESS_VIOLATION);
    expect_access(EXCEPTION_WRITE_FAULT, (uint64_t)page);
    page_free(page);
}
