/* SPDX-License-Identifier: MIT
 * Claim: An unmasked SIMD exception raises #XM, a fault: RIP is that of the instruction
 *
 * Reference: SDM Vol. 3A, "Interrupt 19 - SIMD Floating-Point Exception (#XM)"
 * Conditions: CR4.OSXMMEXCPT = 1, division by zero not masked in MXCSR
 * Trace: EXC #XM from 3 on RSP0
 *        IRET #XM to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    const uint32_t masked = 0x1f80;

    PROVOKE("movl $0x1d80, -8(%%rsp)\n\tldmxcsr -8(%%rsp)\n\tmovl $1, %%eax\n\tcvtsi2ss %%eax, "
            "%%xmm0\n\t"
            "xorps %%xmm1, %%xmm1",
            "divss %%xmm1, %%xmm0");
    __asm__ volatile("ldmxcsr %0" : : "m"(masked));
    if (seen_count == 0)
        SKIP("this host raises no SIMD exceptions in ring 3");
    expect_raised(STATUS_FLOAT_MULTIPLE_TRAPS);
}
