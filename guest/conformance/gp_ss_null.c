/* SPDX-License-Identifier: MIT
 * Claim: A null selector cannot be loaded into SS in ring 3: #GP(0)
 *
 * Reference: SDM Vol. 3A, "Interrupt 13 - General Protection Exception (#GP)"
 * Conditions: 64-bit code of ring 3
 * Needs: gp.selector
 * Trace: EXC #GP(0) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("xorl %%eax, %%eax", "movl %%eax, %%ss");
    expect_raised(STATUS_ACCESS_VIOLATION);
}
