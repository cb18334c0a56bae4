/* SPDX-License-Identifier: MIT
 * Claim: An NMI in ring 0 is taken on IST 3, inside the service that sends it
 *
 * Reference: SDM Vol. 3A, "Interrupt Stack Table"
 * Conditions: the local APIC sends it to the same CPU
 * Needs: nmi.ring0
 * Trace: SYSCALL NtSystemDebugControl from 3
 *        NMI NMI from 0 on IST3
 *        IRET NMI to 0
 *        SYSRET NtSystemDebugControl = STATUS_SUCCESS */

#include "harness.h"

CLAIM()
{
    EXPECT_STATUS(NtSystemDebugControl(SysDbgSendNmi, NULL, 0, NULL, 0, NULL), STATUS_SUCCESS);
}
