/* SPDX-License-Identifier: MIT
 * Claim: A system call preserves XMM6 to XMM15
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

    fill_registers(&before, RS_SERVICE_NtYieldExecution, RFLAGS_FIXED);
    after = before;
    enter_with_registers(&after, RAW_SYSCALL);
    EXPECT(memcmp(after.xmm[6], before.xmm[6], 10 * sizeof(after.xmm[0])) == 0);
}
