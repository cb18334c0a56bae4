/* SPDX-License-Identifier: MIT
 * Claim: RSP in kernel space does not make the kernel read its own memory as arguments
 *
 * Reference: the published calling convention of Microsoft x64, "Parameter passing"
 * Conditions: five arguments, RSP = the kernel's image: the read is moved to
 *   MmUserProbeAddress
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
        (NTSTATUS)syscall_with_stack(RS_SERVICE_NtCreateEvent, KERNEL, (uint64_t)&handle,
                                     EVENT_ALL_ACCESS, 0, NotificationEvent);

    EXPECT_STATUS(status, STATUS_ACCESS_VIOLATION);
    EXPECT_EQUAL(seen_count, 0);
}
