/* SPDX-License-Identifier: MIT
 * Claim: A system call preserves RBX, RBP, RSI, RDI and R12 to R15
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
    EXPECT_EQUAL(after.rbx, before.rbx);
    EXPECT_EQUAL(after.rbp, before.rbp);
    EXPECT_EQUAL(after.rsi, before.rsi);
    EXPECT_EQUAL(after.rdi, before.rdi);
    EXPECT_EQUAL(after.r12, before.r12);
    EXPECT_EQUAL(after.r13, before.r13);
    EXPECT_EQUAL(after.r14, before.r14);
    EXPECT_EQUAL(after.r15, before.r15);
}
