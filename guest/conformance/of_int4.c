/* SPDX-License-Identifier: MIT
 * Claim: INT 4 goes through the gate of #OF, which has DPL 3; RIP is behind it
 *
 * Reference: SDM Vol. 3A, "Interrupt 4 - Overflow Exception (#OF)"
 * Conditions: 64-bit code of ring 3
 * Needs: int.ring3
 * Trace: INT 0x4 from 3 on RSP0
 *        IRET 0x4 to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "int $4");
    expect_raised_behind(STATUS_INTEGER_OVERFLOW);
}
