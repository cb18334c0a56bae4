/* SPDX-License-Identifier: MIT
 * Claim: NtContinue forces IF on and drops IOPL, NT and VIP of the context
 *
 * Reference: the published design of KiUserExceptionDispatcher, NtContinue and
 *   NtRaiseException; SDM Vol. 2A, "IRET/IRETD/IRETQ - Interrupt Return"
 * Conditions: the handler asks for the opposite
 * Trace: EXC #UD from 3 on RSP0
 *        IRET #UD to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

static void ask(struct exception_pointers *exception)
{
    struct context *context = exception->ContextRecord;

    context->EFlags |= RFLAGS_IOPL | RFLAGS_NT | RFLAGS_VIP;
    context->EFlags &= ~(uint32_t)RFLAGS_IF;
}

CLAIM()
{
    uint64_t flags;

    on_exception = ask;
    PROVOKE("", "ud2");
    __asm__ volatile("pushfq\n\tpopq %0" : "=r"(flags));
    EXPECT_EQUAL(flags & (RFLAGS_IF | RFLAGS_IOPL | RFLAGS_NT | RFLAGS_VIP), RFLAGS_IF);
}
