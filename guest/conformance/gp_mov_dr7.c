/* SPDX-License-Identifier: MIT
 * Claim: MOV to DR7 in ring 3 raises #GP(0)
 *
 * Reference: SDM Vol. 2B, "MOV - Move to/from Debug Registers"
 * Conditions: 64-bit code of ring 3
 * Needs: gp.privileged
 * Trace: EXC #GP(0) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("xorl %%eax, %%eax", "movq %%rax, %%dr7");
    expect_raised(STATUS_PRIVILEGED_INSTRUCTION);
}
