/* SPDX-License-Identifier: MIT
 * Claim: INT3 raises #BP through its gate of DPL 3; the program is told the address of the
 *   byte CCH
 *
 * Reference: SDM Vol. 3A, "Interrupt 3 - Breakpoint Exception (#BP)"
 * Conditions: 64-bit code of ring 3
 * Needs: int3.ring3
 * Trace: EXC #BP from 3 on RSP0
 *        IRET #BP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "int3");
    expect_raised(STATUS_BREAKPOINT);
    EXPECT_EQUAL(seen[0].record.NumberParameters, 1);
    EXPECT_EQUAL(seen[0].record.ExceptionInformation[0], 0);
}
