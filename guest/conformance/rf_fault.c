/* SPDX-License-Identifier: MIT
 * Claim: A fault pushes RFLAGS with RF set
 *
 * Reference: SDM Vol. 3A, "Masking Instruction Breakpoints"
 * Conditions: #UD in ring 3; the context shows the frame's RFLAGS
 * Needs: rf.ring3
 * Trace: EXC #UD from 3 on RSP0
 *        IRET #UD to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "ud2");
    EXPECT_EQUAL(seen[0].context.EFlags & RFLAGS_RF, RFLAGS_RF);
}
