/* SPDX-License-Identifier: MIT
 * Claim: An instruction of more than 15 bytes raises #GP(0)
 *
 * Reference: SDM Vol. 2A, "Instruction Format"
 * Conditions: 15 operand-size prefixes before NOP
 * Trace: EXC #GP(0) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", ".fill 15, 1, 0x66\n\tnop");
    expect_raised(STATUS_ACCESS_VIOLATION);
}
