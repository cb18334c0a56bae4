/* SPDX-License-Identifier: MIT
 * Claim: INT 0 does not raise #DE: its gate has DPL 0, so it is #GP(2)
 *
 * Reference: SDM Vol. 3A, "Error Code"
 * Conditions: 64-bit code of ring 3
 * Needs: int.ring3.dpl0
 * Trace: EXC #GP(0x2) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "int $0");
    expect_raised(STATUS_ACCESS_VIOLATION);
}
