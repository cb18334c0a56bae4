/* SPDX-License-Identifier: MIT
 * Claim: WBINVD in ring 3 raises #GP(0)
 *
 * Reference: SDM Vol. 2D, "WBINVD - Write Back and Invalidate Cache"
 * Conditions: 64-bit code of ring 3
 * Needs: gp.privileged
 * Trace: EXC #GP(0) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "wbinvd");
    expect_raised(STATUS_PRIVILEGED_INSTRUCTION);
}
