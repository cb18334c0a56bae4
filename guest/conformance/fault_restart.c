/* SPDX-License-Identifier: MIT
 * Claim: A handler that repairs the cause restarts the instruction: it runs again as a whole
 *
 * Reference: SDM Vol. 3A, "Program or Task Restart"
 * Conditions: DIV by a register that the handler changes from 0 to 1
 * Needs: de.ring3
 * Trace: EXC #DE from 3 on RSP0
 *        IRET #DE to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

static void repair(struct exception_pointers *exception)
{
    exception->ContextRecord->Rcx = 1;
    exception->ContextRecord->Rip = (uint64_t)provoked;
}

CLAIM()
{
    uint32_t quotient = 0;

    on_exception = repair;
    PROVOKE("xorl %%ecx, %%ecx\n\txorl %%edx, %%edx\n\tmovl $7, %%eax",
            "divl %%ecx\n\tmovl %%eax, (%[quotient])", [quotient] "r"(&quotient));
    expect_raised(STATUS_INTEGER_DIVIDE_BY_ZERO);
    EXPECT_EQUAL(quotient, 7);
}
