/* SPDX-License-Identifier: MIT
 * Claim: A service by INT 2EH leaves by the same path: RCX and R11 are RIP and RFLAGS, RSP is
 *   kept
 *
 * Reference: SDM Vol. 2A, "INT n/INTO/INT3/INT1 - Call to Interrupt Procedure"
 * Conditions: the gate of INT 2EH has DPL 3
 * Needs: int.ring3
 * Trace: INT 0x2e NtYieldExecution from 3 on RSP0
 *        SYSRET 0x2e = STATUS_NO_YIELD_PERFORMED */

#include "harness.h"
#include "raw.h"

CLAIM()
{
    struct raw_registers before, after;

    fill_registers(&before, RS_SERVICE_NtYieldExecution, RFLAGS_FIXED);
    after = before;
    enter_with_registers(&after, RAW_INT2E);
    EXPECT_STATUS((NTSTATUS)after.rax, STATUS_NO_YIELD_PERFORMED);
    EXPECT_EQUAL(after.rcx, after.rip);
    EXPECT_EQUAL(after.r11, after.rflags);
    EXPECT_EQUAL(after.r8, after.rsp);
}
