/* SPDX-License-Identifier: MIT
 * Claim: One stack argument of fourteen that cannot be read is a status of the service: thirteen
 *   that can be read change nothing
 *
 * Reference: the published design of KiSystemServiceCopyStart; SDM Vol. 3A, "Interrupt 14 -
 *   Page-Fault Exception (#PF)"
 * Conditions: the last argument is behind the end of a page, and nothing is mapped there
 * Needs: pf.read
 * Trace: SYSCALL NtAllocateVirtualMemory from 3
 *        SYSRET NtAllocateVirtualMemory = STATUS_SUCCESS
 *        EXC #PF(0x4) from 3 on RSP0
 *        IRET #PF to restart
 *        SYSCALL NtTestArguments14 from 3
 *        EXC #PF(0) from 0 on same
 *        IRET #PF to 0
 *        SYSRET NtTestArguments14 = STATUS_ACCESS_VIOLATION
 *        SYSCALL NtFreeVirtualMemory from 3
 *        SYSRET NtFreeVirtualMemory = STATUS_SUCCESS */

#include "harness.h"
#include "raw.h"

#define READABLE 13
#define HOME 5 /* quadwords: return address, home of the first four */

CLAIM()
{
    uint8_t *page = page_alloc(PAGE_READWRITE);
    NTSTATUS status;

    REQUIRE(page != NULL);
    status = (NTSTATUS)syscall_with_stack(
        RS_SERVICE_NtTestArguments14,
        (uint64_t)page + PAGE_SIZE - (READABLE + HOME) * sizeof(uint64_t), 0, 0, 0, 0);
    EXPECT_STATUS(status, STATUS_ACCESS_VIOLATION);
    EXPECT_EQUAL(seen_count, 0);
    page_free(page);
}
