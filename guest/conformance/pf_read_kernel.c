/* SPDX-License-Identifier: MIT
 * Claim: A load from kernel space raises #PF(P, U): the page is there, for ring 0 only
 *
 * Reference: SDM Vol. 3A, "Interrupt 14 - Page-Fault Exception (#PF)"
 * Conditions: 64-bit code of ring 3
 * Needs: pf.supervisor
 * Trace: EXC #PF(0x5) from 3 on RSP0
 *        IRET #PF to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3
 * Shadow: EXC #PF(0x4) from 3 on RSP0
 *         IRET #PF to dispatcher
 *         SYSCALL NtContinue from 3
 *         IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "movq (%[address]), %%rax", [address] "r"(KERNEL));
    expect_raised(STATUS_ACCESS_VIOLATION);
    expect_access(EXCEPTION_READ_FAULT, KERNEL);
}
