/* SPDX-License-Identifier: MIT
 * Claim: A jump to a page of data raises #PF(P, U, I): the page is no-execute
 *
 * Reference: SDM Vol. 3A, "Interrupt 14 - Page-Fault Exception (#PF)"
 * Conditions: EFER.NXE = 1, the page is present and has XD set
 * Needs: pf.fetch
 * Trace: EXC #PF(0x15) from 3 on RSP0
 *        IRET #PF to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

static uint8_t data[16];

CLAIM()
{
    PROVOKE("", "jmpq *%[address]", [address] "r"((uint64_t)data));
    EXPECT_EQUAL(seen_count, 1);
    EXPECT_STATUS(seen[0].record.ExceptionCode, STATUS_ACCESS_VIOLATION);
    EXPECT_EQUAL(seen[0].context.Rip, (uint64_t)data);
    expect_access(EXCEPTION_EXECUTE_FAULT, (uint64_t)data);
}
