/* SPDX-License-Identifier: MIT
 * Claim: IDIV of the most negative number by -1 raises #DE
 *
 * Reference: SDM Vol. 3A, "Interrupt 0 - Divide Error Exception (#DE)"
 * Conditions: 64-bit code of ring 3
 * Needs: de.ring3
 * Trace: EXC #DE from 3 on RSP0
 *        IRET #DE to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("movl $0x80000000, %%eax\n\tcltd\n\tmovl $-1, %%ecx", "idivl %%ecx");
    expect_raised(STATUS_INTEGER_OVERFLOW);
}
