/* SPDX-License-Identifier: MIT
 * Claim: A guard page raises once, and is an ordinary page from then on
 *
 * Reference: SDM Vol. 3A, "Interrupt 14 - Page-Fault Exception (#PF)"
 * Conditions: the handler repeats the access
 * Needs: pf.read
 * Trace: SYSCALL NtAllocateVirtualMemory from 3
 *        SYSRET NtAllocateVirtualMemory = STATUS_SUCCESS
 *        EXC #PF(0x4) from 3 on RSP0
 *        IRET #PF to restart
 *        SYSCALL NtProtectVirtualMemory from 3
 *        SYSRET NtProtectVirtualMemory = STATUS_SUCCESS
 *        EXC #PF(0x6) from 3 on RSP0
 *        IRET #PF to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3
 *        SYSCALL NtFreeVirtualMemory from 3
 *        SYSRET NtFreeVirtualMemory = STATUS_SUCCESS */

#include "harness.h"

CLAIM()
{
    uint8_t *page = page_alloc(PAGE_READWRITE | PAGE_GUARD);

    REQUIRE(page);
    *(volatile uint8_t *)page = 1;
    EXPECT_EQUAL(seen_count, 1);
    EXPECT_STATUS(seen[0].record.ExceptionCode, STATUS_GUARD_PAGE_VIOLATION);
    expect_access(EXCEPTION_WRITE_FAULT, (uint64_t)page);
    EXPECT_EQUAL(*page, 1);
    page_free(page);
}
