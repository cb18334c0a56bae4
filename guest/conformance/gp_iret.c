/* SPDX-License-Identifier: MIT
 * Claim: IRETQ of ring 3 to a code segment of more privilege raises #GP(selector)
 *
 * Reference: SDM Vol. 2A, "IRET/IRETD/IRETQ - Interrupt Return"
 * Conditions: a frame with CS 10H
 * Needs: gp.selector
 * Trace: EXC #GP(0x10) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

/* What was pushed is still there when the handler goes on. */
static void pop_frame(struct exception_pointers *exception)
{
    exception->ContextRecord->Rsp += 40;
}

CLAIM()
{
    on_exception = pop_frame;
    PROVOKE("movq %%rsp, %%rax\n\tpushq $0x18\n\tpushq %%rax\n\tpushfq\n\tpushq $0x10\n\tpushq $0",
            "iretq");
    expect_raised(STATUS_ACCESS_VIOLATION);
}
