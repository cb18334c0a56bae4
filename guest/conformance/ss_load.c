/* SPDX-License-Identifier: MIT
 * Claim: A load through RBP from a non-canonical address raises #SS(0)
 *
 * Reference: SDM Vol. 3A, "Interrupt 12 - Stack Fault Exception (#SS)"
 * Conditions: 64-bit code of ring 3
 * Needs: ss.address
 * Trace: EXC #SS(0) from 3 on RSP0
 *        IRET #SS to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

/* RBP is the frame pointer of the code that goes on; its value is in RCX. */
static void restore(struct exception_pointers *exception)
{
    exception->ContextRecord->Rbp = exception->ContextRecord->Rcx;
}

CLAIM()
{
    on_exception = restore;
    PROVOKE("movq %%rbp, %%rcx\n\tmovq %[address], %%rbp",
            "movq (%%rbp), %%rax", [address] "r"(NON_CANONICAL));
    expect_raised(STATUS_ACCESS_VIOLATION);
}
