/* SPDX-License-Identifier: MIT
 * Claim: A store to a page of the program's code raises #PF(P, W, U)
 *
 * Reference: SDM Vol. 3A, "Interrupt 14 - Page-Fault Exception (#PF)"
 * Conditions: the page is present and read-only
 * Needs: pf.write
 * Trace: EXC #PF(0x7) from 3 on RSP0
 *        IRET #PF to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "movb %%al, (%[address])", [address] "r"(RS_GVA_PROGRAM));
    expect_raised(STATUS_ACCESS_VIOLATION);
    expect_access(EXCEPTION_WRITE_FAULT, RS_GVA_PROGRAM);
}
