/* SPDX-License-Identifier: MIT
 * Claim: A data segment of DPL 0 cannot be loaded in ring 3: #GP(selector)
 *
 * Reference: SDM Vol. 3A, "Privilege Level Checking When Accessing Data Segments"
 * Conditions: DS loaded with 18H
 * Needs: gp.selector
 * Trace: EXC #GP(0x18) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("movl $0x18, %%eax", "movl %%eax, %%ds");
    expect_raised(STATUS_ACCESS_VIOLATION);
}
