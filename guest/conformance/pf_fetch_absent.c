/* SPDX-License-Identifier: MIT
 * Claim: A jump to a page that is not present raises #PF(U, I), RIP is the target
 *
 * Reference: SDM Vol. 3A, "Interrupt 14 - Page-Fault Exception (#PF)"
 * Conditions: 64-bit code of ring 3
 * Needs: pf.fetch
 * Trace: EXC #PF(0x14) from 3 on RSP0
 *        IRET #PF to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "jmpq *%[address]", [address] "r"(UNMAPPED));
    EXPECT_EQUAL(seen_count, 1);
    EXPECT_STATUS(seen[0].record.ExceptionCode, STATUS_ACCESS_VIOLATION);
    EXPECT_EQUAL(seen[0].context.Rip, UNMAPPED);
    expect_access(EXCEPTION_EXECUTE_FAULT, UNMAPPED);
}
