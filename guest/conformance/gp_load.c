/* SPDX-License-Identifier: MIT
 * Claim: A load from a non-canonical address raises #GP(0)
 *
 * Reference: SDM Vol. 1, "Canonical Addressing"
 * Conditions: 64-bit code of ring 3
 * Needs: gp.address.ring3
 * Trace: EXC #GP(0) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("movq %[address], %%rax", "movq (%%rax), %%rcx", [address] "r"(NON_CANONICAL));
    expect_raised(STATUS_ACCESS_VIOLATION);
    expect_access(EXCEPTION_READ_FAULT, UINT64_MAX);
}
