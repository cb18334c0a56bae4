/* SPDX-License-Identifier: MIT
 * Claim: SYSCALL puts RFLAGS into R11, and SYSRET loads them from there
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

    fill_registers(&before, RS_SERVICE_NtYieldExecution, RFLAGS_FIXED | RFLAGS_CF);
    after = before;
    enter_with_registers(&after, RAW_SYSCALL);
    EXPECT_EQUAL(after.r11, after.rflags);
    EXPECT_EQUAL(after.rflags & RFLAGS_CF, RFLAGS_CF);
}
