/* SPDX-License-Identifier: MIT
 * Claim: A far return to a code segment of more privilege raises #GP(selector)
 *
 * Reference: SDM Vol. 2B, "RET - Return From Procedure"
 * Conditions: a far pointer 10H:0 on the stack
 * Needs: gp.selector
 * Trace: EXC #GP(0x10) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

/* What was pushed is still there when the handler goes on. */
static void pop_frame(struct exception_pointers *exception)
{
    exception->ContextRecord->Rsp += 16;
}

CLAIM()
{
    on_exception = pop_frame;
    PROVOKE("pushq $0x10\n\tpushq $0", "lretq");
    expect_raised(STATUS_ACCESS_VIOLATION);
}
