/* SPDX-License-Identifier: MIT
 * Claim: The last index of the table is in range
 *
 * Reference: the published service tables of Windows 10 2004, "SSDT"
 * Conditions: 0x1d6 (NtLoadKey3) has no implementation
 * Trace: SYSCALL 0x1d6 from 3
 *        SYSRET 0x1d6 = STATUS_NOT_IMPLEMENTED */

#include "harness.h"
#include "raw.h"

CLAIM()
{
    uint64_t stack[8] = {0};
    uint64_t status = syscall_with_stack(RS_SERVICE_LIMIT - 1, (uint64_t)stack, 0, 0, 0, 0);

    EXPECT_STATUS((NTSTATUS)status, STATUS_NOT_IMPLEMENTED);
}
