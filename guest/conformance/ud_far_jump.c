/* SPDX-License-Identifier: MIT
 * Claim: A far jump to an immediate address does not exist in 64-bit mode: #UD
 *
 * Reference: SDM Vol. 2A, "JMP - Jump"
 * Conditions: 64-bit code of ring 3
 * Trace: EXC #UD from 3 on RSP0
 *        IRET #UD to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", ".byte 0xea, 0, 0, 0, 0, 0x33, 0");
    expect_raised(STATUS_ILLEGAL_INSTRUCTION);
}
