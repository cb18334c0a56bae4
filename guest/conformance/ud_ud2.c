/* SPDX-License-Identifier: MIT
 * Claim: UD2 raises #UD, a fault: RIP is that of UD2
 *
 * Reference: SDM Vol. 3A, "Interrupt 6 - Invalid Opcode Exception (#UD)"
 * Conditions: 64-bit code of ring 3
 * Needs: ud.ring3
 * Trace: EXC #UD from 3 on RSP0
 *        IRET #UD to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "ud2");
    expect_raised(STATUS_ILLEGAL_INSTRUCTION);
}
