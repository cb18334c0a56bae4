/* SPDX-License-Identifier: MIT
 * Claim: An unaligned load with RFLAGS.AC raises #AC(0)
 *
 * Reference: SDM Vol. 3A, "Interrupt 17 - Alignment Check Exception (#AC)"
 * Conditions: CR0.AM = 1; the stack is aligned
 * Needs: ac.ring3
 * Trace: EXC #AC(0) from 3 on RSP0
 *        IRET #AC to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("pushfq\n\torq $0x40000, (%%rsp)\n\tpopfq", "movl -23(%%rsp), %%eax");
    expect_raised(STATUS_DATATYPE_MISALIGNMENT);
}
