/* SPDX-License-Identifier: MIT
 * Claim: INT 14 does not reach the page-fault handler: #GP(72H)
 *
 * Reference: SDM Vol. 3A, "Error Code"
 * Conditions: 64-bit code of ring 3
 * Needs: int.ring3.dpl0
 * Trace: EXC #GP(0x72) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "int $14");
    expect_raised(STATUS_ACCESS_VIOLATION);
}
