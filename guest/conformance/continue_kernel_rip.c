/* SPDX-License-Identifier: MIT
 * Claim: NtContinue refuses a RIP in kernel space with a status: no IRETQ faults in ring 0
 *
 * Reference: the published design of KiUserExceptionDispatcher, NtContinue and
 *   NtRaiseException
 * Conditions: a context with CONTEXT_CONTROL
 * Trace: SYSCALL NtContinue from 3
 *        SYSRET NtContinue = STATUS_ACCESS_VIOLATION */

#include "harness.h"

CLAIM()
{
    static struct context context = {.ContextFlags = CONTEXT_CONTROL, .Rip = KERNEL};

    EXPECT_STATUS(NtContinue(&context, false), STATUS_ACCESS_VIOLATION);
}
