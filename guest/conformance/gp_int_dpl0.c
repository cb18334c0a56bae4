/* SPDX-License-Identifier: MIT
 * Claim: INT n through a gate of DPL 0 raises #GP(8n+2), RIP of the instruction
 *
 * Reference: SDM Vol. 3A, "Error Code"
 * Conditions: 64-bit code of ring 3
 * Needs: int.ring3.dpl0
 * Trace: EXC #GP(0x10a) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "int $0x21");
    expect_raised(STATUS_ACCESS_VIOLATION);
    expect_access(EXCEPTION_READ_FAULT, UINT64_MAX);
}
