/* SPDX-License-Identifier: MIT
 * Claim: A page fault pushes RFLAGS with RF set
 *
 * Reference: SDM Vol. 3A, "Masking Instruction Breakpoints"
 * Conditions: #PF in ring 3
 * Needs: rf.pf.ring3
 * Trace: EXC #PF(0x4) from 3 on RSP0
 *        IRET #PF to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "movb (%[address]), %%al", [address] "r"(UNMAPPED));
    EXPECT_EQUAL(seen[0].context.EFlags & RFLAGS_RF, RFLAGS_RF);
}
