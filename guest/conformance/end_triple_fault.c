/* SPDX-License-Identifier: MIT
 * Claim: A double fault that cannot be delivered shuts the processor down, and ringscope says so
 *
 * Reference: SDM Vol. 3A, "Interrupt 8 - Double Fault Exception (#DF)"
 * Conditions: IDTR.limit is 0
 * Ends: triple fault
 * Trace: SYSCALL NtSystemDebugControl from 3 */

#include "harness.h"

CLAIM()
{
    const uint32_t kind = KERNEL_FAULT_SHUTDOWN;

    NtSystemDebugControl(SysDbgKernelFault, &kind, sizeof(kind), NULL, 0, NULL);
    EXPECT(!"the machine goes on");
}
