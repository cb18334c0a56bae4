/* SPDX-License-Identifier: MIT
 * Claim: RFLAGS.AC, which IA32_FMASK leaves alone, is the same after SYSRET
 *
 * Reference: SDM Vol. 2B, "SYSRET - Return From Fast System Call"
 * Conditions: NtYieldExecution by SYSCALL, every register loaded with a value of its own
 * Trace: SYSCALL NtYieldExecution from 3
 *        SYSRET NtYieldExecution = STATUS_NO_YIELD_PERFORMED */

#include "harness.h"
#include "raw.h"

CLAIM()
{
    struct raw_registers before, after;

    fill_registers(&before, RS_SERVICE_NtYieldExecution, RFLAGS_FIXED | RFLAGS_AC);
    after = before;
    enter_with_registers(&after, RAW_SYSCALL);
    EXPECT_EQUAL(after.rflags & RFLAGS_AC, RFLAGS_AC);
}
