/* SPDX-License-Identifier: MIT
 * Claim: MOV to CS raises #UD
 *
 * Reference: SDM Vol. 2B, "MOV - Move"
 * Conditions: 64-bit code of ring 3
 * Trace: EXC #UD from 3 on RSP0
 *        IRET #UD to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("movl $0x33, %%eax", ".byte 0x8e, 0xc8");
    expect_raised(STATUS_ILLEGAL_INSTRUCTION);
}
