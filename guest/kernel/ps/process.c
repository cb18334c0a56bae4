/* SPDX-License-Identifier: MIT
 * NtOpenProcess, NtTerminateProcess, NtSuspendProcess, NtResumeProcess, NtQueryInformationProcess,
 * NtSetInformationProcess. */

#include "ex.h"
#include "processor.h"
#include "ps.h"
#include "scheduler.h"

#include <nt/api.h>

/* By identity only, never by name. */
NTSTATUS PsReadClientId(const struct object_attributes *user_attributes,
                        const struct client_id *user_id, struct client_id *id)
{
    struct object_attributes attributes;
    NTSTATUS status = MmReadUser(&attributes, user_attributes, sizeof(attributes));

    if (NT_SUCCESS(status) &&
        (attributes.Length != sizeof(attributes) || !user_id || attributes.ObjectName))
        status = STATUS_INVALID_PARAMETER;
    return NT_SUCCESS(status) ? MmReadUser(id, user_id, sizeof(*id)) : status;
}

NTSTATUS NTAPI NtOpenProcess(HANDLE *ProcessHandle, uint32_t DesiredAccess,
                             const struct object_attributes *ObjectAttributes,
                             const struct client_id *ClientId)
{
    struct kprocess *process;
    struct kthread *thread;
    struct client_id cid;
    NTSTATUS status = MmProbeForWrite(ProcessHandle, sizeof(*ProcessHandle));

    if (NT_SUCCESS(status))
        status = PsReadClientId(ObjectAttributes, ClientId, &cid);
    if (!NT_SUCCESS(status))
        return status;
    process = PsLookupProcess(cid.UniqueProcess);
    thread = PsLookupThread(cid.UniqueThread);
    if (cid.UniqueThread && (!thread || thread->Process != process))
        return STATUS_INVALID_CID;
    return process ? ExEndCreate(&process->Object, DesiredAccess, ProcessHandle)
                   : STATUS_INVALID_PARAMETER;
}

/* A null handle means every thread but the caller's. */
NTSTATUS NTAPI NtTerminateProcess(HANDLE ProcessHandle, NTSTATUS ExitStatus)
{
    struct kthread *thread = KeGetCurrentThread();
    struct kprocess *process;
    NTSTATUS status;

    if (!ProcessHandle) {
        PspTerminateProcess(thread->Process, thread, ExitStatus);
        return STATUS_SUCCESS;
    }
    status = ExReferenceProcess(ProcessHandle, PROCESS_TERMINATE, &process);
    if (!NT_SUCCESS(status))
        return status;
    if (process == &PsInitialProcess) /* the machine is there for this one */
        KeEndProgram(ExitStatus);
    if (process->Exiting)
        return STATUS_PROCESS_IS_TERMINATING;
    PspTerminateProcess(process, NULL, ExitStatus);
    return STATUS_SUCCESS;
}

static NTSTATUS for_each_thread(HANDLE handle, NTSTATUS (*action)(struct kthread *, uint32_t *))
{
    struct kthread *thread = NULL;
    struct kprocess *process;
    uint32_t previous;
    uint8_t irql;
    NTSTATUS status = ExReferenceProcess(handle, PROCESS_SUSPEND_RESUME, &process);

    if (!NT_SUCCESS(status))
        return status;
    if (process->ThreadCount == 0)
        return STATUS_PROCESS_IS_TERMINATING;
    irql = KiLockDispatcher();
    while ((thread = PsNextThread(process, thread)) != NULL)
        action(thread, &previous);
    KiUnlockDispatcher(irql);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtSuspendProcess(HANDLE ProcessHandle)
{
    return for_each_thread(ProcessHandle, PsSuspendThread);
}

NTSTATUS NTAPI NtResumeProcess(HANDLE ProcessHandle)
{
    return for_each_thread(ProcessHandle, PsResumeThread);
}

NTSTATUS NTAPI NtQueryInformationProcess(HANDLE ProcessHandle, uint32_t InformationClass,
                                         void *Information, uint32_t Length, uint32_t *ReturnLength)
{
    struct process_basic_information info = {
        .PebBaseAddress = (void *)MM_USER_PEB,
        .BasePriority = PRIORITY_NORMAL,
    };
    struct kprocess *process;
    NTSTATUS status;

    if (InformationClass != ProcessBasicInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (Length != sizeof(info))
        return STATUS_INFO_LENGTH_MISMATCH;
    status = ExReferenceProcess(ProcessHandle, PROCESS_QUERY_INFORMATION, &process);
    if (!NT_SUCCESS(status))
        return status;
    info.ExitStatus = process->Object.SignalState ? process->ExitStatus : STATUS_PENDING;
    info.UniqueProcessId = process->UniqueProcessId;
    info.AffinityMask = process->Affinity;
    info.InheritedFromUniqueProcessId = process->Parent;
    return MmWriteInformation(Information, &info, sizeof(info), ReturnLength);
}

/* The policy that keeps threads from the second table. It cannot be taken back. */
static NTSTATUS set_policy(struct kprocess *process,
                           const struct process_mitigation_policy_information *policy)
{
    if (policy->Policy != ProcessSystemCallDisablePolicy ||
        (policy->Flags & ~DISALLOW_WIN32K_SYSTEM_CALLS))
        return STATUS_INVALID_PARAMETER;
    if (process->NoWin32 && !policy->Flags)
        return STATUS_ACCESS_DENIED;
    process->NoWin32 = policy->Flags;
    return STATUS_SUCCESS;
}

/* Of all its threads, and of those to come. */
static NTSTATUS set_affinity(struct kprocess *process, uint64_t affinity)
{
    struct kthread *thread = NULL;
    uint8_t irql;

    if (!affinity || affinity & ~KeQueryActiveProcessors())
        return STATUS_INVALID_PARAMETER;
    irql = KiLockDispatcher();
    process->Affinity = affinity;
    while ((thread = PsNextThread(process, thread)) != NULL)
        KiSetAffinityThread(thread, affinity);
    KiUnlockDispatcher(irql);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtSetInformationProcess(HANDLE ProcessHandle, uint32_t InformationClass,
                                       const void *Information, uint32_t Length)
{
    union {
        struct process_mitigation_policy_information policy;
        uint64_t affinity;
    } info;
    bool affinity = InformationClass == ProcessAffinityMask;
    struct kprocess *process;
    NTSTATUS status;

    if (!affinity && InformationClass != ProcessMitigationPolicy)
        return STATUS_INVALID_INFO_CLASS;
    if (Length != (affinity ? sizeof(info.affinity) : sizeof(info.policy)))
        return STATUS_INFO_LENGTH_MISMATCH;
    status = MmReadUser(&info, Information, Length);
    if (NT_SUCCESS(status))
        status = ExReferenceProcess(ProcessHandle, PROCESS_SET_INFORMATION, &process);
    if (!NT_SUCCESS(status))
        return status;
    return affinity ? set_affinity(process, info.affinity) : set_policy(process, &info.policy);
}
