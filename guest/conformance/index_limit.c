/* SPDX-License-Identifier: MIT
 * Claim: An index at the limit of the table is refused with a status
 *
 * Reference: the published service tables of Windows 10 2004, "SSDT"
 * Conditions: SYSCALL with RAX chosen freely
 * Trace: SYSCALL 0x1d7 from 3
 *        SYSRET 0x1d7 = STATUS_INVALID_SYSTEM_SERVICE */

#include "harness.h"
#include "raw.h"

CLAIM()
{
    uint64_t stack[8] = {0};
    uint64_t status = syscall_with_stack(RS_SERVICE_LIMIT, (uint64_t)stack, 0, 0, 0, 0);

    EXPECT_STATUS((NTSTATUS)status, STATUS_INVALID_SYSTEM_SERVICE);
}
