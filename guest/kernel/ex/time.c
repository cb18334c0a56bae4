/* SPDX-License-Identifier: MIT
 * NtQuerySystemTime and NtQueryPerformanceCounter. */

#include "cpu.h"
#include "ke.h"
#include "mm.h"

#include <nt/api.h>

NTSTATUS NTAPI NtQuerySystemTime(int64_t *SystemTime)
{
    uint64_t now = KeUpdateSharedTime();

    return MmWriteUser(SystemTime, &now, sizeof(now));
}

/* The TSC itself: the finest clock, and no division. */
NTSTATUS NTAPI NtQueryPerformanceCounter(int64_t *PerformanceCounter, int64_t *PerformanceFrequency)
{
    uint64_t counter = KiReadTsc(), frequency = KeQueryPerformanceFrequency();
    NTSTATUS status = MmWriteUser(PerformanceCounter, &counter, sizeof(counter));

    if (NT_SUCCESS(status) && PerformanceFrequency)
        status = MmWriteUser(PerformanceFrequency, &frequency, sizeof(frequency));
    return status;
}
