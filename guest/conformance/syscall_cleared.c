/* SPDX-License-Identifier: MIT
 * Claim: A system call leaves nothing of the kernel's in RDX, R10 and XMM0 to XMM5: they are 0
 *
 * Reference: SDM Vol. 2B, "SYSRET - Return From Fast System Call"
 * Conditions: NtYieldExecution by SYSCALL, every register loaded with a value of its own
 * Trace: SYSCALL NtYieldExecution from 3
 *        SYSRET NtYieldExecution = STATUS_NO_YIELD_PERFORMED */

#include "harness.h"
#include "raw.h"

CLAIM()
{
    static const uint8_t zero[6][16];
    struct raw_registers before, after;

    fill_registers(&before, RS_SERVICE_NtYieldExecution, RFLAGS_FIXED);
    after = before;
    enter_with_registers(&after, RAW_SYSCALL);
    EXPECT_EQUAL(after.rdx, 0);
    EXPECT_EQUAL(after.r10, 0);
    EXPECT(memcmp(after.xmm, zero, sizeof(zero)) == 0);
}
