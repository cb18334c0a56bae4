/* SPDX-License-Identifier: MIT
 * Claim: An NMI that nobody has asked for stops the machine, from IST 3
 *
 * Reference: SDM Vol. 3A, "Nonmaskable Interrupt (NMI)", "Interrupt Stack Table"
 * Conditions: the local APIC sends it
 * Needs: nmi.ring0
 * Ends: STOP 0x80 on IST 3
 * Trace: SYSCALL NtSystemDebugControl from 3
 *        NMI NMI from 0 on IST3 */

#include "harness.h"

CLAIM()
{
    const uint32_t kind = KERNEL_FAULT_NMI;

    NtSystemDebugControl(SysDbgKernelFault, &kind, sizeof(kind), NULL, 0, NULL);
    EXPECT(!"the machine goes on");
}
