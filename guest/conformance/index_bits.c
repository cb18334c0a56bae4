/* SPDX-License-Identifier: MIT
 * Claim: EAX bits 31:13 are ignored: 0x2026 is NtOpenProcess, as 0x26 is
 *
 * Reference: the published service tables of Windows 10 2004, "SSDT"
 * Conditions: SYSCALL with RAX chosen freely
 * Trace: SYSCALL NtOpenProcess from 3
 *        EXC #PF(0) from 0 on same
 *        IRET #PF to 0
 *        SYSRET NtOpenProcess = STATUS_ACCESS_VIOLATION */

#include "harness.h"
#include "raw.h"

CLAIM()
{
    uint64_t stack[8] = {0};
    uint64_t status =
        syscall_with_stack(RS_SERVICE_NtOpenProcess | 0xffffe000, (uint64_t)stack, 0, 0, 0, 0);

    EXPECT_STATUS((NTSTATUS)status, STATUS_ACCESS_VIOLATION);
}
