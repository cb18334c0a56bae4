/* SPDX-License-Identifier: MIT
 * Claim: INTO does not exist in 64-bit mode: #UD
 *
 * Reference: SDM Vol. 2A, "INT n/INTO/INT3/INT1 - Call to Interrupt Procedure"
 * Conditions: 64-bit code of ring 3
 * Trace: EXC #UD from 3 on RSP0
 *        IRET #UD to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", ".byte 0xce");
    expect_raised(STATUS_ILLEGAL_INSTRUCTION);
}
