/* SPDX-License-Identifier: MIT
 * Claim: An exception in a handler is dispatched on top of the first one, and both go on
 *
 * Reference: the published design of KiUserExceptionDispatcher, NtContinue and
 *   NtRaiseException
 * Conditions: the handler of #DE executes UD2
 * Trace: EXC #DE from 3 on RSP0
 *        IRET #DE to dispatcher
 *        EXC #UD from 3 on RSP0
 *        IRET #UD to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

static void fault_once(struct exception_pointers *exception)
{
    (void)exception;
    if (seen_count == 1)
        PROVOKE("", "ud2");
}

CLAIM()
{
    on_exception = fault_once;
    PROVOKE("xorl %%ecx, %%ecx\n\txorl %%edx, %%edx", "divl %%ecx");
    EXPECT_EQUAL(seen_count, 2);
    EXPECT_STATUS(seen[0].record.ExceptionCode, STATUS_INTEGER_DIVIDE_BY_ZERO);
    EXPECT_STATUS(seen[1].record.ExceptionCode, STATUS_ILLEGAL_INSTRUCTION);
    EXPECT(seen[1].context.Rsp < seen[0].context.Rsp);
}
