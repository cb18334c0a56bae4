/* SPDX-License-Identifier: MIT
 * Claim: A page fault whose frame cannot be pushed is a double fault, taken on IST 1
 *
 * Reference: SDM Vol. 3A, "Interrupt 8 - Double Fault Exception (#DF)", "Interrupt Stack Table"
 * Conditions: the kernel's stack runs into its guard page
 * Ends: STOP 0x7f on IST 1
 * Trace: SYSCALL NtSystemDebugControl from 3
 *        EXC #DF(0) from 0 on IST1 */

#include "harness.h"

CLAIM()
{
    const uint32_t kind = KERNEL_FAULT_STACK_OVERFLOW;

    NtSystemDebugControl(SysDbgKernelFault, &kind, sizeof(kind), NULL, 0, NULL);
    EXPECT(!"the machine goes on");
}
