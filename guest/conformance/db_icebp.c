/* SPDX-License-Identifier: MIT
 * Claim: INT1 raises #DB whatever the DPL of the gate
 *
 * Reference: SDM Vol. 2A, "INT n/INTO/INT3/INT1 - Call to Interrupt Procedure"
 * Conditions: 64-bit code of ring 3
 * Needs: int1.ring3
 * Trace: EXC #DB from 3 on IST4
 *        IRET #DB to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", ".byte 0xf1");
    expect_raised_behind(STATUS_SINGLE_STEP);
}
