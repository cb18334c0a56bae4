/* SPDX-License-Identifier: MIT
 * Claim: DIV by zero raises #DE, a fault: RIP is that of DIV
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
    PROVOKE("xorl %%ecx, %%ecx\n\txorl %%edx, %%edx", "divl %%ecx");
    expect_raised(STATUS_INTEGER_DIVIDE_BY_ZERO);
}
