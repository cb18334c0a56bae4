/* SPDX-License-Identifier: MIT
 * Claim: MOV from CR0 in ring 3 raises #GP(0)
 *
 * Reference: SDM Vol. 2B, "MOV - Move to/from Control Registers"
 * Conditions: 64-bit code of ring 3
 * Needs: gp.privileged
 * Trace: EXC #GP(0) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "movq %%cr0, %%rax");
    expect_raised(STATUS_PRIVILEGED_INSTRUCTION);
}
