/* SPDX-License-Identifier: MIT
 * Claim: A page of data becomes code by NtProtectVirtualMemory, and runs
 *
 * Reference: SDM Vol. 3A, "Interrupt 14 - Page-Fault Exception (#PF)"
 * Conditions: RET written to the page, PAGE_EXECUTE_READ afterwards
 * Needs: pf.fetch
 * Trace: SYSCALL NtAllocateVirtualMemory from 3
 *        SYSRET NtAllocateVirtualMemory = STATUS_SUCCESS
 *        EXC #PF(0x4) from 3 on RSP0
 *        IRET #PF to restart
 *        SYSCALL NtProtectVirtualMemory from 3
 *        SYSRET NtProtectVirtualMemory = STATUS_SUCCESS
 *        SYSCALL NtFreeVirtualMemory from 3
 *        SYSRET NtFreeVirtualMemory = STATUS_SUCCESS */

#include "harness.h"

CLAIM()
{
    uint8_t *page = page_alloc(PAGE_READWRITE);

    REQUIRE(page);
    page[0] = 0xc3;
    REQUIRE(page_protect(page, PAGE_EXECUTE_READ) == STATUS_SUCCESS);
    ((void (*)(void))page)();
    EXPECT_EQUAL(seen_count, 0);
    page_free(page);
}
