/* SPDX-License-Identifier: MIT
 * Claim: LOCK before an operation on a register raises #UD
 *
 * Reference: SDM Vol. 2A, "LOCK - Assert LOCK# Signal Prefix"
 * Conditions: 64-bit code of ring 3
 * Trace: EXC #UD from 3 on RSP0
 *        IRET #UD to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", ".byte 0xf0, 0xf7, 0xd0");
    expect_raised(STATUS_INVALID_LOCK_SEQUENCE);
}
