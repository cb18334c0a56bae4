/* SPDX-License-Identifier: MIT
 * Claim: The upper half of RAX is ignored
 *
 * Reference: the published service tables of Windows 10 2004, "SSDT"
 * Conditions: SYSCALL with RAX chosen freely
 * Trace: SYSCALL NtYieldExecution from 3
 *        SYSRET NtYieldExecution = STATUS_NO_YIELD_PERFORMED */

#include "harness.h"
#include "raw.h"

CLAIM()
{
    uint64_t stack[8] = {0};
    uint64_t status = syscall_with_stack(RS_SERVICE_NtYieldExecution | 0xabcdef0100000000,
                                         (uint64_t)stack, 0, 0, 0, 0);

    EXPECT_STATUS((NTSTATUS)status, STATUS_NO_YIELD_PERFORMED);
}
