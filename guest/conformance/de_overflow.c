/* SPDX-License-Identifier: MIT
 * Claim: A quotient that does not fit raises #DE, too
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
    PROVOKE("movl $1, %%ecx\n\tmovl $1, %%edx", "divl %%ecx");
    expect_raised(STATUS_INTEGER_OVERFLOW);
}
