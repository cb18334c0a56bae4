/* SPDX-License-Identifier: MIT
 * Claim: A code segment cannot be loaded into SS: #GP(selector)
 *
 * Reference: SDM Vol. 3A, "Interrupt 13 - General Protection Exception (#GP)"
 * Conditions: 64-bit code of ring 3
 * Needs: gp.selector
 * Trace: EXC #GP(0x30) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("movl $0x33, %%eax", "movl %%eax, %%ss");
    expect_raised(STATUS_ACCESS_VIOLATION);
}
