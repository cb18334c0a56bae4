/* SPDX-License-Identifier: MIT
 * Claim: A service that faults on a user pointer returns a status; the fault stays in ring 0
 *
 * Reference: SDM Vol. 3A, "Interrupt 14 - Page-Fault Exception (#PF)"
 * Conditions: NtQuerySystemTime with an address that nothing is mapped at
 * Trace: SYSCALL NtQuerySystemTime from 3
 *        EXC #PF(0x2) from 0 on same
 *        IRET #PF to 0
 *        SYSRET NtQuerySystemTime = STATUS_ACCESS_VIOLATION */

#include "harness.h"

CLAIM()
{
    EXPECT_STATUS(NtQuerySystemTime((int64_t *)UNMAPPED), STATUS_ACCESS_VIOLATION);
    EXPECT_EQUAL(seen_count, 0);
}
