/* SPDX-License-Identifier: MIT
 * Claim: A machine check that nobody has asked for stops the machine, from IST 2
 *
 * Reference: SDM Vol. 3A, "Interrupt 18 - Machine-Check Exception (#MC)", "Interrupt Stack Table"
 * Conditions: the VMM injects it
 * Needs: mc.ring0
 * Ends: STOP 0x124 on IST 2
 * Trace: SYSCALL NtSystemDebugControl from 3
 *        EXC #MC from 0 on IST2 */

#include "harness.h"

CLAIM()
{
    const uint32_t kind = KERNEL_FAULT_MACHINE_CHECK;

    NtSystemDebugControl(SysDbgKernelFault, &kind, sizeof(kind), NULL, 0, NULL);
    EXPECT(!"the machine goes on");
}
