/* SPDX-License-Identifier: MIT
 * Claim: An unmasked x87 exception is raised by the next waiting instruction, #MF
 *
 * Reference: SDM Vol. 3A, "Interrupt 16 - x87 FPU Floating-Point Error (#MF)"
 * Conditions: CR0.NE = 1, division by zero not masked
 * Trace: EXC #MF from 3 on RSP0
 *        IRET #MF to dispatcher
 *        SYSCALL NtContinue from 3
 *        IRET NtContinue to 3 */

#include "harness.h"

CLAIM()
{
    PROVOKE("fninit\n\tmovl $0x37b, -8(%%rsp)\n\tfldcw -8(%%rsp)\n\tfld1\n\tfldz\n\tfdivrp",
            "fwait");
    __asm__ volatile("fninit");
    expect_raised(STATUS_FLOAT_DIVIDE_BY_ZERO);
}
