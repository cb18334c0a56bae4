/* SPDX-License-Identifier: MIT
 * Claim: The dispatcher gets a stack that is a multiple of 16 whatever RSP was; RSP comes back
 *   as it was
 *
 * Reference: SDM Vol. 3A, "64-Bit Mode Stack Frame"
 * Conditions: RSP is odd when UD2 is executed
 * Trace: EXC #UD from 3 on RSP0
 *        IRET #UD to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

/* The odd stack pointer is undone where the claim goes on. */
static void undo(struct exception_pointers *exception)
{
    exception->ContextRecord->Rsp = exception->ContextRecord->Rcx;
}

CLAIM()
{
    on_exception = undo;
    PROVOKE("movq %%rsp, %%rcx\n\tsubq $51, %%rsp", "ud2");
    expect_raised(STATUS_ILLEGAL_INSTRUCTION);
    EXPECT_EQUAL(seen[0].context.Rsp, seen[0].context.Rcx - 51);
}
