/* SPDX-License-Identifier: MIT
 * Claim: The fifth argument is at RSP + 28H of the caller and arrives
 *
 * Reference: the published calling convention of Microsoft x64, "Parameter passing"
 * Conditions: NtCreateEvent, whose fifth argument is the initial state
 * Trace: SYSCALL NtCreateEvent from 3
 *        SYSRET NtCreateEvent = STATUS_SUCCESS
 *        SYSCALL NtWaitForSingleObject from 3
 *        SYSRET NtWaitForSingleObject = STATUS_TIMEOUT
 *        SYSCALL NtCreateEvent from 3
 *        SYSRET NtCreateEvent = STATUS_SUCCESS
 *        SYSCALL NtWaitForSingleObject from 3
 *        SYSRET NtWaitForSingleObject = STATUS_SUCCESS */

#include "harness.h"

CLAIM()
{
    const int64_t at_once = 0;
    HANDLE clear, set;

    REQUIRE(NtCreateEvent(&clear, EVENT_ALL_ACCESS, NULL, NotificationEvent, 0) == STATUS_SUCCESS);
    EXPECT_STATUS(NtWaitForSingleObject(clear, false, &at_once), STATUS_TIMEOUT);
    REQUIRE(NtCreateEvent(&set, EVENT_ALL_ACCESS, NULL, NotificationEvent, 1) == STATUS_SUCCESS);
    EXPECT_STATUS(NtWaitForSingleObject(set, false, &at_once), STATUS_SUCCESS);
}
