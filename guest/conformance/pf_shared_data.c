/* SPDX-License-Identifier: MIT
 * Claim: KUSER_SHARED_DATA can be read by ring 3 and not written: #PF(P, W, U)
 *
 * Reference: SDM Vol. 3A, "Interrupt 14 - Page-Fault Exception (#PF)"
 * Conditions: it has been read before
 * Needs: pf.write
 * Trace: EXC #PF(0x7) from 3 on RSP0
 *        IRET #PF to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("movq (%[address]), %%rax",
            "movq %%rax, (%[address])", [address] "r"(RS_GVA_USER_SHARED_DATA));
    expect_raised(STATUS_ACCESS_VIOLATION);
    expect_access(EXCEPTION_WRITE_FAULT, RS_GVA_USER_SHARED_DATA);
}
