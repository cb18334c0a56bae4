/* SPDX-License-Identifier: MIT
 * Claim: WRMSR to LSTAR in ring 3 raises #GP(0)
 *
 * Reference: SDM Vol. 2D, "WRMSR - Write to Model Specific Register"
 * Conditions: 64-bit code of ring 3
 * Needs: gp.privileged
 * Trace: EXC #GP(0) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("movl $0xc0000082, %%ecx\n\txorl %%eax, %%eax\n\txorl %%edx, %%edx", "wrmsr");
    expect_raised(STATUS_PRIVILEGED_INSTRUCTION);
}
