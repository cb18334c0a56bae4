/* SPDX-License-Identifier: MIT
 * Claim: SYSCALL puts the address behind it into RCX, and SYSRET goes there
 *
 * Reference: SDM Vol. 2B, "SYSCALL - Fast System Call"
 * Conditions: NtYieldExecution by SYSCALL, every register loaded with a value of its own
 * Trace: SYSCALL NtYieldExecution from 3
 *        SYSRET NtYieldExecution = STATUS_NO_YIELD_PERFORMED */

#include "harness.h"
#include "raw.h"

CLAIM()
{
    struct raw_registers before, after;

    fill_registers(&before, RS_SERVICE_NtYieldExecution, RFLAGS_FIXED);
    after = before;
    enter_with_registers(&after, RAW_SYSCALL);
    EXPECT_EQUAL(after.rcx, after.rip);
}
