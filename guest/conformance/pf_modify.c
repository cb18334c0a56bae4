/* SPDX-License-Identifier: MIT
 * Claim: An instruction that reads and writes memory raises #PF with W set
 *
 * Reference: SDM Vol. 3A, "Interrupt 14 - Page-Fault Exception (#PF)"
 * Conditions: 64-bit code of ring 3
 * Needs: pf.modify
 * Trace: EXC #PF(0x6) from 3 on RSP0
 *        IRET #PF to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "incl (%[address])", [address] "r"(UNMAPPED));
    expect_raised(STATUS_ACCESS_VIOLATION);
    expect_access(EXCEPTION_WRITE_FAULT, UNMAPPED);
}
