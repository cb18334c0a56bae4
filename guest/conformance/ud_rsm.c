/* SPDX-License-Identifier: MIT
 * Claim: RSM outside of SMM raises #UD
 *
 * Reference: SDM Vol. 2B, "RSM - Resume From System Management Mode"
 * Conditions: 64-bit code of ring 3
 * Trace: EXC #UD from 3 on RSP0
 *        IRET #UD to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "rsm");
    expect_raised(STATUS_ILLEGAL_INSTRUCTION);
}
