/* SPDX-License-Identifier: MIT
 * Claim: An index beyond the second table is refused with a status, of a GUI thread, too
 *
 * Reference: the published service tables of Windows 10 2004, "SSDT"
 * Conditions: the thread has called the second table before
 * Trace: SYSCALL NtUserGetQueueStatus from 3
 *        SYSRET NtUserGetQueueStatus = 0x0
 *        SYSCALL 0x1533 from 3
 *        SYSRET 0x1533 = STATUS_INVALID_SYSTEM_SERVICE */

#include "harness.h"
#include "raw.h"

CLAIM()
{
    uint64_t stack[8] = {0};
    uint32_t status;

    EXPECT_EQUAL(NtUserGetQueueStatus(0), 0);
    status = (uint32_t)syscall_with_stack(RS_SERVICE_WIN32 | RS_WIN32_SERVICE_LIMIT,
                                          (uint64_t)stack, 0, 0, 0, 0);
    EXPECT_STATUS((NTSTATUS)status, STATUS_INVALID_SYSTEM_SERVICE);
}
