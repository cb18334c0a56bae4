/* SPDX-License-Identifier: MIT
 * Claim: SYSRET in ring 3 raises #GP(0)
 *
 * Reference: SDM Vol. 2B, "SYSRET - Return From Fast System Call"
 * Conditions: 64-bit code of ring 3
 * Needs: sysret.ring3
 * Trace: EXC #GP(0) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "sysretq");
    expect_raised(STATUS_PRIVILEGED_INSTRUCTION);
}
