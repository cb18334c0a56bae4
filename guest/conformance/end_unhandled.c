/* SPDX-License-Identifier: MIT
 * Claim: An exception that no handler takes ends the program with its status, by a second
 *   chance
 *
 * Reference: the published design of KiUserExceptionDispatcher, NtContinue and
 *   NtRaiseException
 * Conditions: the handler declines
 * Ends: STATUS_ILLEGAL_INSTRUCTION
 * Trace: EXC #UD from 3 on RSP0
 *        IRET #UD to dispatcher
 *        SYSCALL NtRaiseException from 3 */

#include "harness.h"

CLAIM()
{
    decline_exceptions = true;
    PROVOKE("", "ud2");
    EXPECT(false);
}
