/* SPDX-License-Identifier: MIT
 * Claim: Ring 3 has its own GS base again after a system call, an exception and INT 2EH-free
 *   returns
 *
 * Reference: SDM Vol. 2B, "SWAPGS - Swap GS Base Register"
 * Conditions: GS base of ring 3 is the TEB
 * Trace: SYSCALL NtYieldExecution from 3
 *        SYSRET NtYieldExecution = STATUS_NO_YIELD_PERFORMED
 *        EXC #UD from 3 on RSP0
 *        IRET #UD to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    const struct teb *teb = NtCurrentTeb();

    NtYieldExecution();
    EXPECT(NtCurrentTeb() == teb);
    PROVOKE("", "ud2");
    EXPECT(NtCurrentTeb() == teb);
}
