/* SPDX-License-Identifier: MIT
 * Claim: PAGE_NOACCESS refuses a load though the page has contents
 *
 * Reference: SDM Vol. 3A, "Interrupt 14 - Page-Fault Exception (#PF)"
 * Conditions: the page was written before NtProtectVirtualMemory; it is not present then
 * Needs: pf.read
 * Trace: SYSCALL NtAllocateVirtualMemory from 3
 *        SYSRET NtAllocateVirtualMemory = STATUS_SUCCESS
 *        EXC #PF(0x4) from 3 on RSP0
 *        IRET #PF to restart
 *        SYSCALL NtProtectVirtualMemory from 3
 *        SYSRET NtProtectVirtualMemory = STATUS_SUCCESS
 *        EXC #PF(0x4) from 3 on RSP0
 *        IRET #PF to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3
 *        SYSCALL NtFreeVirtualMemory from 3
 *        SYSRET NtFreeVirtualMemory = STATUS_SUCCESS */

#include "harness.h"

CLAIM()
{
    uint8_t *page = page_alloc(PAGE_NOACCESS);

    REQUIRE(page);
    PROVOKE("", "movb (%[page]), %%al", [page] "r"(page));
    expect_raised(STATUS_ACCESS_VIOLATION);
    expect_access(EXCEPTION_READ_FAULT, (uint64_t)page);
    page_free(page);
}
