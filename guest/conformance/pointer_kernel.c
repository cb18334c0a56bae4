/* SPDX-License-Identifier: MIT
 * Claim: A service refuses a pointer to kernel space with a status
 *
 * Reference: the published calling convention of Microsoft x64, "Parameter passing"
 * Conditions: NtQuerySystemTime with the address of the kernel's image
 * Trace: SYSCALL NtQuerySystemTime from 3
 *        SYSRET NtQuerySystemTime = STATUS_ACCESS_VIOLATION */

#include "harness.h"

CLAIM()
{
    EXPECT_STATUS(NtQuerySystemTime((int64_t *)KERNEL), STATUS_ACCESS_VIOLATION);
    EXPECT_EQUAL(seen_count, 0);
}
