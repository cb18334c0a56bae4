/* SPDX-License-Identifier: MIT
 * Claim: A service that the kernel calls by its Zw name may be given kernel pointers; called as a
 *   function it still has the previous mode of ring 3, and refuses them. Neither is a transition
 *
 * Reference: the published design of KiServiceInternal and PreviousMode
 * Conditions: the page fault is that of a bad kernel pointer given to a Zw service: a status
 * Needs: pf.write.ring0
 * Trace: SYSCALL NtSystemDebugControl from 3
 *        EXC #PF(0x2) from 0 on same
 *        IRET #PF to 0
 *        SYSRET NtSystemDebugControl = STATUS_SUCCESS */

#include "harness.h"

CLAIM()
{
    static struct kernel_services services;

    EXPECT_STATUS(
        NtSystemDebugControl(SysDbgCallServices, NULL, 0, &services, sizeof(services), NULL),
        STATUS_SUCCESS);
    EXPECT_STATUS(services.NtQuerySystemTime, STATUS_ACCESS_VIOLATION);
    EXPECT_STATUS(services.ZwQuerySystemTime, STATUS_SUCCESS);
    EXPECT_STATUS(services.ZwCreateEvent, STATUS_SUCCESS);
    EXPECT_STATUS(services.ZwQueryEvent, STATUS_SUCCESS);
    EXPECT_EQUAL(services.EventState, 1);
    EXPECT_STATUS(services.ZwBadPointer, STATUS_ACCESS_VIOLATION);
    EXPECT_EQUAL(services.PreviousMode, 1);
}
