/* SPDX-License-Identifier: MIT
 * Claim: A jump into the kernel raises #PF(P, U, I)
 *
 * Reference: SDM Vol. 3A, "Interrupt 14 - Page-Fault Exception (#PF)"
 * Conditions: 64-bit code of ring 3
 * Needs: pf.fetch, pf.supervisor
 * Trace: EXC #PF(0x15) from 3 on RSP0
 *        IRET #PF to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3
 * Shadow: EXC #PF(0x14) from 3 on RSP0
 *         IRET #PF to dispatcher
 *         SYSCALL NtContinue from 3
 *         IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "jmpq *%[address]", [address] "r"(KERNEL));
    EXPECT_EQUAL(seen_count, 1);
    EXPECT_STATUS(seen[0].record.ExceptionCode, STATUS_ACCESS_VIOLATION);
    EXPECT_EQUAL(seen[0].context.Rip, KERNEL);
    expect_access(EXCEPTION_EXECUTE_FAULT, KERNEL);
}
