/* SPDX-License-Identifier: MIT
 * Claim: LDTR is null: a selector of the LDT raises #GP(selector), TI set
 *
 * Reference: SDM Vol. 3A, "Segment Selectors"
 * Conditions: ES loaded with 7H
 * Needs: gp.selector.ldt
 * Trace: EXC #GP(0x4) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("movl $7, %%eax", "movl %%eax, %%es");
    expect_raised(STATUS_ACCESS_VIOLATION);
}
