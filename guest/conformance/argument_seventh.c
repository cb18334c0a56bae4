/* SPDX-License-Identifier: MIT
 * Claim: All stack arguments are copied: a service of seven gets its last one
 *
 * Reference: the published calling convention of Microsoft x64, "Parameter passing"
 * Conditions: NtDuplicateObject; its seventh argument, Options, asks for the same access
 * Trace: SYSCALL NtCreateEvent from 3
 *        SYSRET NtCreateEvent = STATUS_SUCCESS
 *        SYSCALL NtDuplicateObject from 3
 *        SYSRET NtDuplicateObject = STATUS_SUCCESS
 *        SYSCALL NtSetEvent from 3
 *        SYSRET NtSetEvent = STATUS_SUCCESS */

#include "harness.h"

CLAIM()
{
    HANDLE event, copy = NULL;

    REQUIRE(NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, 0) == STATUS_SUCCESS);
    EXPECT_STATUS(NtDuplicateObject(NtCurrentProcess(), event, NtCurrentProcess(), &copy, 0, 0,
                                    DUPLICATE_SAME_ACCESS),
                  STATUS_SUCCESS);
    EXPECT_STATUS(NtSetEvent(copy, NULL), STATUS_SUCCESS);
}
