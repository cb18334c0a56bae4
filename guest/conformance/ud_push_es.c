/* SPDX-License-Identifier: MIT
 * Claim: PUSH ES does not exist in 64-bit mode: #UD
 *
 * Reference: SDM Vol. 3A, "Interrupt 6 - Invalid Opcode Exception (#UD)"
 * Conditions: 64-bit code of ring 3
 * Trace: EXC #UD from 3 on RSP0
 *        IRET #UD to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", ".byte 0x06");
    expect_raised(STATUS_ILLEGAL_INSTRUCTION);
}
