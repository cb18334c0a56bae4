/* SPDX-License-Identifier: MIT
 * Claim: A selector behind the limit of the GDT raises #GP(selector)
 *
 * Reference: SDM Vol. 3A, "Interrupt 13 - General Protection Exception (#GP)"
 * Conditions: DS loaded with 5BH, GDT limit 57H; the error code has RPL and EXT cleared
 * Needs: gp.selector
 * Trace: EXC #GP(0x58) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("movl $0x5b, %%eax", "movl %%eax, %%ds");
    expect_raised(STATUS_ACCESS_VIOLATION);
}
