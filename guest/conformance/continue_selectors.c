/* SPDX-License-Identifier: MIT
 * Claim: NtContinue gives ring 3 its own selectors, whatever the context asks for
 *
 * Reference: the published design of KiUserExceptionDispatcher, NtContinue and
 *   NtRaiseException
 * Conditions: CS 10H and SS 18H in the context
 * Trace: EXC #UD from 3 on RSP0
 *        IRET #UD to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

static void ask(struct exception_pointers *exception)
{
    exception->ContextRecord->SegCs = KGDT64_R0_CODE;
    exception->ContextRecord->SegSs = KGDT64_R0_DATA;
}

CLAIM()
{
    uint64_t cs, ss;

    on_exception = ask;
    PROVOKE("", "ud2");
    __asm__ volatile("movl %%cs, %k0\n\tmovl %%ss, %k1" : "=r"(cs), "=r"(ss));
    EXPECT_EQUAL(cs, 0x33);
    EXPECT_EQUAL(ss, 0x2b);
}
