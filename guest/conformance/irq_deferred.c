/* SPDX-License-Identifier: MIT
 * Claim: A deferred procedure call comes by vector 2FH, which the processor sends to itself, on the
 *   stack in use; it has run when the service goes on
 *
 * Reference: SDM Vol. 3A, "Interrupt Command Register (ICR)"; the published design of DPCs
 * Conditions: queued at PASSIVE_LEVEL
 * Needs: interrupt.ring0
 * Trace: SYSCALL NtSystemDebugControl from 3
 *        IRQ DPC from 0 on same
 *        IRET DPC to 0
 *        SYSRET NtSystemDebugControl = STATUS_SUCCESS */

#include "harness.h"

CLAIM()
{
    EXPECT_STATUS(NtSystemDebugControl(SysDbgQueueDpc, NULL, 0, NULL, 0, NULL), STATUS_SUCCESS);
}
