/* SPDX-License-Identifier: MIT
 * Claim: A load from a page that is not present raises #PF(U), CR2 is its address
 *
 * Reference: SDM Vol. 3A, "Interrupt 14 - Page-Fault Exception (#PF)"
 * Conditions: 64-bit code of ring 3
 * Needs: pf.read
 * Trace: EXC #PF(0x4) from 3 on RSP0
 *        IRET #PF to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "movb 5(%[address]), %%al", [address] "r"(UNMAPPED));
    expect_raised(STATUS_ACCESS_VIOLATION);
    expect_access(EXCEPTION_READ_FAULT, UNMAPPED + 5);
}
