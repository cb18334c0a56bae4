/* SPDX-License-Identifier: MIT
 * Claim: A service of four arguments runs on any RSP: the user stack is not read
 *
 * Reference: SDM Vol. 2B, "SYSCALL - Fast System Call"
 * Conditions: RSP = 1
 * Trace: SYSCALL NtFreeVirtualMemory from 3
 *        SYSRET NtFreeVirtualMemory = STATUS_INVALID_PARAMETER_4 */

#include "harness.h"
#include "raw.h"

CLAIM()
{
    NTSTATUS status = (NTSTATUS)syscall_with_stack(RS_SERVICE_NtFreeVirtualMemory, 1, 0, 0, 0, 0);

    EXPECT_STATUS(status, STATUS_INVALID_PARAMETER_4);
}
