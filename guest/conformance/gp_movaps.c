/* SPDX-License-Identifier: MIT
 * Claim: MOVAPS from an address that is not a multiple of 16 raises #GP(0)
 *
 * Reference: SDM Vol. 2B, "MOVAPS - Move Aligned Packed Single Precision Floating-Point
 *   Values"
 * Conditions: 64-bit code of ring 3
 * Trace: EXC #GP(0) from 3 on RSP0
 *        IRET #GP to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("leaq -24(%%rsp), %%rax\n\tandq $-16, %%rax", "movaps 1(%%rax), %%xmm0");
    expect_raised(STATUS_ACCESS_VIOLATION);
}
