/* SPDX-License-Identifier: MIT
 * Claim: An exception whose stack cannot be written ends the program: it cannot be dispatched
 *
 * Reference: the published design of KiUserExceptionDispatcher, NtContinue and
 *   NtRaiseException
 * Conditions: RSP is where nothing is mapped
 * Ends: STATUS_ACCESS_VIOLATION
 * Trace: EXC #PF(0x6) from 3 on RSP0
 *        EXC #PF(0x2) from 0 on same
 *        IRET #PF to 0 */

#include "harness.h"

CLAIM()
{
    __asm__ volatile("movq %0, %%rsp\n\tpushq %%rax" : : "r"(UNMAPPED) : "memory");
    EXPECT(false);
}
