/* SPDX-License-Identifier: MIT
 * Claim: INT 2CH is an assertion failure, reported at the instruction
 *
 * Reference: the published design of KiRaiseAssertion
 * Conditions: its gate has DPL 3
 * Needs: int.ring3
 * Trace: INT 0x2c from 3 on RSP0
 *        IRET 0x2c to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "int $0x2c");
    expect_raised(STATUS_ASSERTION_FAILURE);
}
