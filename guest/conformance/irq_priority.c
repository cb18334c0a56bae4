/* SPDX-License-Identifier: MIT
 * Claim: An interrupt waits in the local APIC while CR8 is not below its priority, with IF set, and
 *   comes when CR8 is lowered
 *
 * Reference: SDM Vol. 3A, "Task Priority in IA-32e Mode"
 * Conditions: CR8 = 2 (DISPATCH_LEVEL); vector 2FH, sent by the processor to itself
 * Needs: interrupt.ring0
 * Trace: SYSCALL NtSystemDebugControl from 3
 *        IRQ DPC from 0 on same
 *        IRET DPC to 0
 *        SYSRET NtSystemDebugControl = STATUS_SUCCESS */

#include "harness.h"

CLAIM()
{
    struct irql_test test = {2, 2};

    EXPECT_STATUS(NtSystemDebugControl(SysDbgTestIrql, NULL, 0, &test, sizeof(test), NULL),
                  STATUS_SUCCESS);
    EXPECT_EQUAL(test.Raised, 0);
    EXPECT_EQUAL(test.Lowered, 1);
}
