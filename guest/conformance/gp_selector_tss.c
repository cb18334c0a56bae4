/* SPDX-License-Identifier: MIT
 * Claim: The TSS is no data segment: its selector raises #GP(selector)
 *
 * Reference: SDM Vol. 3A, "Segment Descriptor Tables in IA-32e Mode"
 * Conditions: DS loaded with 43H
 * Needs: gp.selector
 * Trace: EXC #GP(0x40) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("movl $0x43, %%eax", "movl %%eax, %%ds");
    expect_raised(STATUS_ACCESS_VIOLATION);
}
