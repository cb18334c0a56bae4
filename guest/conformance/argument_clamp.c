/* SPDX-License-Identifier: MIT
 * Claim: Stack arguments that would be read from kernel space are looked for at MmUserProbeAddress,
 *   where nothing is: a status, and one page fault of ring 0 at that address
 *
 * Reference: the published design of KiSystemServiceCopyStart, MmUserProbeAddress
 * Conditions: RSP in kernel space; one stack argument
 * Needs: pf.read
 * Trace: SYSCALL NtTestArguments1 from 3
 *        EXC #PF(0) from 0 on same
 *        IRET #PF to 0
 *        SYSRET NtTestArguments1 = STATUS_ACCESS_VIOLATION */

#include "harness.h"
#include "raw.h"

CLAIM()
{
    EXPECT_STATUS((NTSTATUS)syscall_with_stack(RS_SERVICE_NtTestArguments1, KERNEL, 0, 0, 0, 0),
                  STATUS_ACCESS_VIOLATION);
    EXPECT_EQUAL(seen_count, 0);
}
