/* SPDX-License-Identifier: MIT
 * Claim: NtTerminateProcess does not return, and its status is the program's
 *
 * Reference: the published design of KiUserExceptionDispatcher, NtContinue and
 *   NtRaiseException
 * Conditions: a status that no exception has
 * Ends: STATUS_TIMEOUT
 * Trace: SYSCALL NtTerminateProcess from 3 */

#include "harness.h"

CLAIM()
{
    NtTerminateProcess(NtCurrentProcess(), STATUS_TIMEOUT);
    EXPECT(false);
}
