/* SPDX-License-Identifier: MIT
 * Claim: A store to kernel space raises #PF(P, W, U)
 *
 * Reference: SDM Vol. 3A, "Interrupt 14 - Page-Fault Exception (#PF)"
 * Conditions: 64-bit code of ring 3
 * Needs: pf.supervisor
 * Trace: EXC #PF(0x7) from 3 on RSP0
 *        IRET #PF to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3
 * Shadow: EXC #PF(0x6) from 3 on RSP0
 *         IRET #PF to dispatcher
 *         SYSCALL NtContinue from 3
 *         IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("", "movq %%rax, (%[address])", [address] "r"(KERNEL));
    expect_raised(STATUS_ACCESS_VIOLATION);
    expect_access(EXCEPTION_WRITE_FAULT, KERNEL);
}
