/* SPDX-License-Identifier: MIT
 * Claim: Stack arguments that cannot be read are a status of the service, not an exception
 *
 * Reference: the published calling convention of Microsoft x64, "Parameter passing"; SDM Vol.
 *   3A, "Interrupt 14 - Page-Fault Exception (#PF)"
 * Conditions: RSP + 28H is on a page that is not there; the service has five arguments
 * Trace: SYSCALL NtCreateEvent from 3
 *        EXC #PF(0) from 0 on same
 *        IRET #PF to 0
 *        SYSRET NtCreateEvent = STATUS_ACCESS_VIOLATION */

#include "harness.h"
#include "raw.h"

CLAIM()
{
    HANDLE handle = NULL;
    NTSTATUS status =
        (NTSTATUS)syscall_with_stack(RS_SERVICE_NtCreateEvent, UNMAPPED, (uint64_t)&handle,
                                     EVENT_ALL_ACCESS, 0, NotificationEvent);

    EXPECT_STATUS(status, STATUS_ACCESS_VIOLATION);
    EXPECT_EQUAL(seen_count, 0);
    EXPECT(handle == NULL);
}
