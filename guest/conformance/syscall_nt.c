/* SPDX-License-Identifier: MIT
 * Claim: RFLAGS.NT, which IA32_FMASK clears on entry, is back after SYSRET
 *
 * Reference: SDM Vol. 2B, "SYSRET - Return From Fast System Call"
 * Conditions: NtYieldExecution by SYSCALL, every register loaded with a value of its own
 * Needs: syscall.nt
 * Trace: SYSCALL NtYieldExecution from 3
 *        SYSRET NtYieldExecution = STATUS_NO_YIELD_PERFORMED */

#include "harness.h"
#include "raw.h"

CLAIM()
{
    struct raw_registers before, after;

    fill_registers(&before, RS_SERVICE_NtYieldExecution, RFLAGS_FIXED | RFLAGS_NT);
    after = before;
    enter_with_registers(&after, RAW_SYSCALL);
    EXPECT_EQUAL(after.rflags & RFLAGS_NT, RFLAGS_NT);
}
