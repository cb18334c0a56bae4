/* SPDX-License-Identifier: MIT
 * Claim: Neither SYSCALL nor SYSRET changes RSP; the kernel tells it in R8 and RBP in R9
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
    EXPECT_EQUAL(after.r8, after.rsp);
    EXPECT_EQUAL(after.r9, before.rbp);
}
