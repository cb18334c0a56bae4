/* SPDX-License-Identifier: MIT
 * NtQuerySystemInformation, and the service of every number without a row in the table. */

#include "ke.h"
#include "mm.h"
#include "processor.h"

#include <nt/api.h>

NTSTATUS NTAPI KiServiceNotImplemented(void);

NTSTATUS NTAPI KiServiceNotImplemented(void)
{
    return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS NTAPI NtGetCurrentProcessorNumber(void)
{
    return (NTSTATUS)KeGetPcr()->Number;
}

static void fill_basic(struct system_basic_information *info)
{
    info->TimerResolution = 10000;
    info->PageSize = PAGE_SIZE;
    info->NumberOfPhysicalPages = (uint32_t)(KeBootInfo->memory_size / PAGE_SIZE);
    info->LowestPhysicalPageNumber = 1;
    info->HighestPhysicalPageNumber = info->NumberOfPhysicalPages - 1;
    info->AllocationGranularity = ALLOCATION_GRANULARITY;
    info->MinimumUserModeAddress = MM_LOWEST_USER_ADDRESS;
    info->MaximumUserModeAddress = RS_GVA_USER_PROBE - 1;
    info->ActiveProcessorsAffinityMask = KeQueryActiveProcessors();
    info->NumberOfProcessors = (uint8_t)KeNumberProcessors;
}

static void fill_performance(struct system_performance_information *info)
{
    info->AvailablePages = (uint32_t)MmFreePages();
    info->CommittedPages = (uint32_t)MmCommittedPages;
    info->CommitLimit = (uint32_t)MmCommitLimit;
    info->PeakCommitment = (uint32_t)MmPeakCommitment;
    for (uint32_t n = 0; n < KeNumberProcessors; n++)
        info->PageFaultCount += (uint32_t)KiProcessorBlock[n]->Counters.PageFaults;
    info->CopyOnWriteCount = MmCounters.CopyOnWrite;
    info->TransitionCount = MmCounters.Transition;
    info->DemandZeroCount = MmCounters.DemandZero;
    info->PageReadCount = MmCounters.PageRead;
    info->PageReadIoCount = MmCounters.PageReadIo;
    info->DirtyPagesWriteCount = MmCounters.DirtyPagesWrite;
    info->DirtyWriteIoCount = MmCounters.DirtyWriteIo;
}

static void fill_time_of_day(struct system_timeofday_information *info)
{
    info->BootTime = (int64_t)KeBootInfo->boot_time;
    info->CurrentTime = (int64_t)KeQuerySystemTime();
}

/* Both tables, whatever the caller has: what is not called stays 0. */
static NTSTATUS query_call_counts(void *user, uint32_t length, uint32_t *return_length)
{
    const struct kservice_descriptor *tables = KeServiceDescriptorTableShadow;
    const uint32_t limits[] = {tables[0].Limit, tables[1].Limit};
    const struct system_call_count_information info = {
        .Length =
            (uint32_t)(sizeof(info) + sizeof(limits) + (limits[0] + limits[1]) * sizeof(uint32_t)),
        .NumberOfTables = 2,
    };
    uint8_t *next = (uint8_t *)user + sizeof(info) + sizeof(limits);
    NTSTATUS status = STATUS_SUCCESS;

    if (return_length)
        status = MmWriteUser(return_length, &info.Length, sizeof(info.Length));
    if (NT_SUCCESS(status) && length < info.Length)
        status = STATUS_INFO_LENGTH_MISMATCH;
    if (NT_SUCCESS(status))
        status = MmWriteUser(user, &info, sizeof(info));
    if (NT_SUCCESS(status))
        status = MmWriteUser((uint8_t *)user + sizeof(info), limits, sizeof(limits));
    for (unsigned i = 0; i < info.NumberOfTables && NT_SUCCESS(status); i++) {
        status = MmWriteUser(next, tables[i].Count, limits[i] * sizeof(uint32_t));
        next += limits[i] * sizeof(uint32_t);
    }
    return status;
}

NTSTATUS NTAPI NtQuerySystemInformation(uint32_t InformationClass, void *Information,
                                        uint32_t Length, uint32_t *ReturnLength)
{
    union {
        struct system_basic_information basic;
        struct system_performance_information performance;
        struct system_timeofday_information time_of_day;
        uint32_t shadow;
    } info = {0};
    uint32_t size;
    NTSTATUS status = STATUS_SUCCESS;

    switch (InformationClass) {
    case SystemBasicInformation:
        size = sizeof(info.basic);
        fill_basic(&info.basic);
        break;
    case SystemPerformanceInformation:
        size = sizeof(info.performance);
        fill_performance(&info.performance);
        break;
    case SystemTimeOfDayInformation:
        size = sizeof(info.time_of_day);
        fill_time_of_day(&info.time_of_day);
        break;
    case SystemKernelVaShadowInformation:
        size = sizeof(info.shadow);
        info.shadow =
            (KiKvaShadow ? KVA_SHADOW_ENABLED : 0) | (KiPcidInUse() ? KVA_SHADOW_PCID : 0);
        break;
    case SystemCallCountInformation:
        return query_call_counts(Information, Length, ReturnLength);
    default:
        return STATUS_INVALID_INFO_CLASS;
    }
    if (ReturnLength)
        status = MmWriteUser(ReturnLength, &size, sizeof(size));
    if (NT_SUCCESS(status) && Length < size)
        status = STATUS_INFO_LENGTH_MISMATCH;
    return NT_SUCCESS(status) ? MmWriteUser(Information, &info, size) : status;
}
