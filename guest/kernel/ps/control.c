/* SPDX-License-Identifier: MIT
 * What a thread does to another: open, terminate, suspend, resume, alert, queue a procedure. */

#include "ex.h"
#include "ps.h"
#include "scheduler.h"

#include <nt/api.h>

/* In continue.S the service stores R12-R15 and goes on here. */
NTSTATUS NTAPI KiSuspendThread(HANDLE ThreadHandle, uint32_t *PreviousSuspendCount);

/* Lives as long as its last handle or pointer; it may have ended. */
static NTSTATUS find_running(HANDLE handle, uint32_t access, struct kthread **thread)
{
    NTSTATUS status = ExReferenceThread(handle, access, thread);

    if (NT_SUCCESS(status) && (*thread)->State == THREAD_TERMINATED)
        return STATUS_THREAD_IS_TERMINATING;
    return status;
}

NTSTATUS NTAPI NtOpenThread(HANDLE *ThreadHandle, uint32_t DesiredAccess,
                            const struct object_attributes *ObjectAttributes,
                            const struct client_id *ClientId)
{
    struct kthread *thread;
    struct client_id cid;
    NTSTATUS status = MmProbeForWrite(ThreadHandle, sizeof(*ThreadHandle));

    if (NT_SUCCESS(status))
        status = PsReadClientId(ObjectAttributes, ClientId, &cid);
    if (!NT_SUCCESS(status))
        return status;
    thread = PsLookupThread(cid.UniqueThread);
    if (!thread || (cid.UniqueProcess && cid.UniqueProcess != thread->Cid.UniqueProcess))
        return STATUS_INVALID_CID;
    return ExEndCreate(&thread->Object, DesiredAccess, ThreadHandle);
}

/* A null handle means the caller, unless it is the last thread of its process. */
NTSTATUS NTAPI NtTerminateThread(HANDLE ThreadHandle, NTSTATUS ExitStatus)
{
    struct kthread *thread = KeGetCurrentThread();
    NTSTATUS status = STATUS_SUCCESS;

    if (ThreadHandle)
        status = ExReferenceThread(ThreadHandle, THREAD_TERMINATE, &thread);
    else if (thread->Process->ThreadCount == 1)
        return STATUS_CANT_TERMINATE_SELF;
    if (NT_SUCCESS(status))
        PspTerminateThread(thread, ExitStatus);
    return status;
}

/* A thread that suspends itself is stopped here. By then its buffer may be gone. */
NTSTATUS NTAPI KiSuspendThread(HANDLE ThreadHandle, uint32_t *PreviousSuspendCount)
{
    struct kthread *thread;
    uint32_t previous;
    uint8_t irql;
    NTSTATUS status = STATUS_SUCCESS;

    if (PreviousSuspendCount)
        status = MmProbeForWrite(PreviousSuspendCount, sizeof(*PreviousSuspendCount));
    if (NT_SUCCESS(status))
        status = find_running(ThreadHandle, THREAD_SUSPEND_RESUME, &thread);
    if (!NT_SUCCESS(status))
        return status;
    irql = KiLockDispatcher();
    status = PsSuspendThread(thread, &previous);
    if (NT_SUCCESS(status) && thread == KeGetCurrentThread())
        PsStaySuspended(thread);
    KiUnlockDispatcher(irql);
    if (NT_SUCCESS(status) && PreviousSuspendCount)
        status = MmWriteUser(PreviousSuspendCount, &previous, sizeof(previous));
    return status;
}

static NTSTATUS resume(HANDLE handle, uint32_t *user_previous, bool alert)
{
    struct kthread *thread;
    uint32_t previous;
    uint8_t irql;
    NTSTATUS status = STATUS_SUCCESS;

    if (user_previous)
        status = MmProbeForWrite(user_previous, sizeof(*user_previous));
    if (NT_SUCCESS(status))
        status = find_running(handle, THREAD_SUSPEND_RESUME, &thread);
    if (!NT_SUCCESS(status))
        return status;
    irql = KiLockDispatcher();
    if (alert && !KiAlertThread(thread, STATUS_ALERTED))
        thread->Alerted = true;
    PsResumeThread(thread, &previous);
    KiUnlockDispatcher(irql);
    return user_previous ? MmWriteUser(user_previous, &previous, sizeof(previous)) : STATUS_SUCCESS;
}

NTSTATUS NTAPI NtResumeThread(HANDLE ThreadHandle, uint32_t *PreviousSuspendCount)
{
    return resume(ThreadHandle, PreviousSuspendCount, false);
}

NTSTATUS NTAPI NtAlertResumeThread(HANDLE ThreadHandle, uint32_t *PreviousSuspendCount)
{
    return resume(ThreadHandle, PreviousSuspendCount, true);
}

NTSTATUS NTAPI NtAlertThread(HANDLE ThreadHandle)
{
    struct kthread *thread;
    uint8_t irql;
    NTSTATUS status = find_running(ThreadHandle, THREAD_ALERT, &thread);

    if (!NT_SUCCESS(status))
        return status;
    irql = KiLockDispatcher();
    if (!KiAlertThread(thread, STATUS_ALERTED))
        thread->Alerted = true;
    KiUnlockDispatcher(irql);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtQueueApcThread(HANDLE ThreadHandle, void *ApcRoutine, void *ApcArgument1,
                                void *ApcArgument2, void *ApcArgument3)
{
    const uint64_t arguments[3] = {(uint64_t)ApcArgument1, (uint64_t)ApcArgument2,
                                   (uint64_t)ApcArgument3};
    struct kthread *thread;
    NTSTATUS status = find_running(ThreadHandle, THREAD_SET_CONTEXT, &thread);

    if (NT_SUCCESS(status) && thread->ExitRequests & EXIT_TERMINATE)
        status = STATUS_UNSUCCESSFUL;
    return NT_SUCCESS(status) ? KeInsertQueueApc(thread, (uint64_t)ApcRoutine, arguments) : status;
}
