/* SPDX-License-Identifier: MIT
 * Claim: A jump to a non-canonical address raises #GP(0)
 *
 * Reference: SDM Vol. 2A, "JMP - Jump"
 * Conditions: on Intel RIP is that of the jump; AMD faults at the target, which the claim
 *   allows
 * Trace: EXC #GP(0) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("movq %[address], %%rax", "jmpq *%%rax", [address] "r"(NON_CANONICAL));
    EXPECT_EQUAL(seen_count, 1);
    EXPECT_STATUS(seen[0].record.ExceptionCode, STATUS_ACCESS_VIOLATION);
    EXPECT(seen[0].context.Rip == (uint64_t)provoked || seen[0].context.Rip == NON_CANONICAL);
}
