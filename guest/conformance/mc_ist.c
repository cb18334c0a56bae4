/* SPDX-License-Identifier: MIT
 * Claim: A machine check in ring 0 is taken on IST 2; its handler clears MCG_STATUS and goes on
 *
 * Reference: SDM Vol. 3A, "Interrupt 18 - Machine-Check Exception (#MC)", "Interrupt Stack Table"
 * Conditions: the VMM injects an uncorrected error from which the processor can go on (RIPV)
 * Needs: mc.ring0
 * Trace: SYSCALL NtSystemDebugControl from 3
 *        EXC #MC from 0 on IST2
 *        IRET #MC to 0
 *        SYSRET NtSystemDebugControl = STATUS_SUCCESS */

#include "harness.h"

CLAIM()
{
    NTSTATUS status = NtSystemDebugControl(SysDbgMachineCheck, NULL, 0, NULL, 0, NULL);

    if (status == STATUS_NOT_SUPPORTED)
        SKIP("this machine has no machine check to give");
    EXPECT_STATUS(status, STATUS_SUCCESS);
}
