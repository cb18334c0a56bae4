/* SPDX-License-Identifier: MIT
 * Claim: CLTS in ring 3 raises #GP(0)
 *
 * Reference: SDM Vol. 2A, "CLTS - Clear Task-Switched Flag in CR0"
 * Conditions: 64-bit code of ring 3
 * Needs: gp.privileged
 * Trace: EXC #GP(0) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "clts");
    expect_raised(STATUS_PRIVILEGED_INSTRUCTION);
}
