/* SPDX-License-Identifier: MIT
 * NtQueryInformationThread and NtSetInformationThread. */

#include "ex.h"
#include "processor.h"
#include "ps.h"
#include "scheduler.h"

#include <nt/api.h>

static void fill_basic(const struct kthread *thread, struct thread_basic_information *info)
{
    *info = (struct thread_basic_information){
        .ExitStatus = thread->Object.SignalState ? thread->ExitStatus : STATUS_PENDING,
        .TebBaseAddress = (void *)thread->Teb,
        .ClientId = thread->Cid,
        .AffinityMask = thread->Affinity,
        .Priority = thread->Priority,
        .BasePriority = thread->BasePriority - PRIORITY_NORMAL,
    };
}

NTSTATUS NTAPI NtQueryInformationThread(HANDLE ThreadHandle, uint32_t InformationClass,
                                        void *Information, uint32_t Length, uint32_t *ReturnLength)
{
    union {
        struct thread_basic_information basic;
        uint64_t address;
        uint32_t number;
    } info;
    const struct kthread *thread;
    struct kthread *found;
    uint32_t size = sizeof(info.number);
    NTSTATUS status = ExReferenceThread(ThreadHandle, THREAD_QUERY_INFORMATION, &found);

    if (!NT_SUCCESS(status))
        return status;
    thread = found;
    switch (InformationClass) {
    case ThreadBasicInformation:
        size = sizeof(info.basic);
        fill_basic(thread, &info.basic);
        break;
    case ThreadQuerySetWin32StartAddress:
        size = sizeof(info.address);
        info.address = thread->StartAddress;
        break;
    case ThreadAmILastThread:
        info.number = thread->Process->ThreadCount == 1;
        break;
    case ThreadIsTerminated:
        info.number = thread->Object.SignalState != 0;
        break;
    case ThreadSuspendCount:
        info.number = thread->SuspendCount;
        break;
    default:
        return STATUS_INVALID_INFO_CLASS;
    }
    if (Length != size)
        return STATUS_INFO_LENGTH_MISMATCH;
    return MmWriteInformation(Information, &info, size, ReturnLength);
}

static void set_priority(struct kthread *thread, int32_t priority)
{
    uint8_t irql = KiLockDispatcher();

    KiSetPriorityThread(thread, (int8_t)priority);
    KiUnlockDispatcher(irql);
}

/* An increment to the process's priority, or its lowest and highest: -15 and 15 for "idle" and
 * "time critical". */
static NTSTATUS set_base_priority(struct kthread *thread, int32_t increment)
{
    int32_t base = PRIORITY_NORMAL + increment;

    if (increment == 15 || increment == -15)
        base = increment > 0 ? 15 : 1;
    else if (increment < -2 || increment > 2)
        return STATUS_INVALID_PARAMETER;
    thread->BasePriority = (uint8_t)base;
    set_priority(thread, base);
    return STATUS_SUCCESS;
}

/* Only processors of the process. */
static NTSTATUS set_affinity(struct kthread *thread, uint64_t affinity)
{
    uint8_t irql;

    if (!affinity || affinity & ~thread->Process->Affinity)
        return STATUS_INVALID_PARAMETER;
    irql = KiLockDispatcher();
    KiSetAffinityThread(thread, affinity);
    KiUnlockDispatcher(irql);
    return STATUS_SUCCESS;
}

static NTSTATUS set_number(struct kthread *thread, uint32_t class, int32_t number)
{
    if (class == ThreadBasePriority)
        return set_base_priority(thread, number);
    if (number < 1 || number >= PRIORITIES) /* 0 is the zero-page thread's */
        return STATUS_INVALID_PARAMETER;
    set_priority(thread, number);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtSetInformationThread(HANDLE ThreadHandle, uint32_t InformationClass,
                                      const void *Information, uint32_t Length)
{
    bool affinity = InformationClass == ThreadAffinityMask;
    bool wide = affinity || InformationClass == ThreadQuerySetWin32StartAddress;
    struct kthread *thread;
    int64_t value = 0;
    uint32_t size = wide ? sizeof(uint64_t) : sizeof(uint32_t);
    NTSTATUS status;

    if (!wide && InformationClass != ThreadPriority && InformationClass != ThreadBasePriority)
        return STATUS_INVALID_INFO_CLASS;
    if (Length != size)
        return STATUS_INFO_LENGTH_MISMATCH;
    status = MmReadUser(&value, Information, size);
    if (NT_SUCCESS(status))
        status = ExReferenceThread(ThreadHandle, THREAD_SET_INFORMATION, &thread);
    if (!NT_SUCCESS(status))
        return status;
    if (affinity)
        return set_affinity(thread, (uint64_t)value);
    if (!wide)
        return set_number(thread, InformationClass, (int32_t)value);
    thread->StartAddress = (uint64_t)value;
    return STATUS_SUCCESS;
}
