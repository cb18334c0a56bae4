/* SPDX-License-Identifier: MIT
 * Claim: NtContinue refuses a RIP that is not canonical
 *
 * Reference: the published design of KiUserExceptionDispatcher, NtContinue and
 *   NtRaiseException
 * Conditions: a context with CONTEXT_CONTROL
 * Trace: SYSCALL NtContinue from 3
 *        SYSRET NtContinue = STATUS_ACCESS_VIOLATION */

#include "harness.h"

CLAIM()
{
    static struct context context = {.ContextFlags = CONTEXT_CONTROL, .Rip = NON_CANONICAL};

    EXPECT_STATUS(NtContinue(&context, false), STATUS_ACCESS_VIOLATION);
}
