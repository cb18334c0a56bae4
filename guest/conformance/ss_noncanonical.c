/* SPDX-License-Identifier: MIT
 * Claim: A load by way of RBP from a non-canonical address raises #SS(0), not #GP
 *
 * Reference: SDM Vol. 3A, "Interrupt 12 - Stack Fault Exception (#SS)"
 * Conditions: 64-bit code of ring 3; RBP is the base register, so SS is the segment
 * Needs: ss.address
 * Trace: EXC #SS(0) from 3 on RSP0
 *        IRET #SS to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

static void restore_frame_pointer(struct exception_pointers *exception)
{
    exception->ContextRecord->Rbp = exception->ContextRecord->Rdx;
}

CLAIM()
{
    on_exception = restore_frame_pointer;
    PROVOKE("movq %%rbp, %%rdx\n\tmovabsq $0x8000000000000000, %%rbp", "movq (%%rbp), %%rax");
    expect_raised(STATUS_ACCESS_VIOLATION);
}
