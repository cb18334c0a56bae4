/* SPDX-License-Identifier: MIT
 * Claim: A trap pushes RFLAGS with RF clear
 *
 * Reference: SDM Vol. 3A, "Masking Instruction Breakpoints"
 * Conditions: INT3 in ring 3
 * Needs: rf.trap
 * Trace: EXC #BP from 3 on RSP0
 *        IRET #BP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "int3");
    EXPECT_EQUAL(seen[0].context.EFlags & RFLAGS_RF, 0);
}
