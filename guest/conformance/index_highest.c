/* SPDX-License-Identifier: MIT
 * Claim: The highest index that EAX can hold is refused, not read from behind the table
 *
 * Reference: the published service tables of Windows 10 2004, "SSDT"
 * Conditions: SYSCALL with RAX chosen freely
 * Trace: SYSCALL 0xffe from 3
 *        SYSRET 0xffe = STATUS_INVALID_SYSTEM_SERVICE */

#include "harness.h"
#include "raw.h"

CLAIM()
{
    uint64_t stack[8] = {0};
    uint64_t status = syscall_with_stack(RS_SERVICE_INDEX_MASK & ~1, (uint64_t)stack, 0, 0, 0, 0);

    EXPECT_STATUS((NTSTATUS)status, STATUS_INVALID_SYSTEM_SERVICE);
}
