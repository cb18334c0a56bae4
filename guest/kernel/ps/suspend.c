/* SPDX-License-Identifier: MIT
 * Suspended threads do not enter ring 3. */

#include "ex.h"
#include "processor.h"
#include "ps.h"
#include "scheduler.h"

#define MAXIMUM_SUSPEND_COUNT 127

NTSTATUS PsSuspendThread(struct kthread *thread, uint32_t *previous)
{
    *previous = thread->SuspendCount;
    if (thread->SuspendCount == MAXIMUM_SUSPEND_COUNT)
        return STATUS_SUSPEND_COUNT_EXCEEDED;
    if (thread->ExitRequests & EXIT_TERMINATE)
        return STATUS_THREAD_IS_TERMINATING;
    thread->SuspendCount++;
    KiRequestExit(thread, EXIT_SUSPEND);
    KiStopThread(thread); /* it is not in ring 3 any more when the service returns */
    return STATUS_SUCCESS;
}

/* A thread that is stopped on its way to ring 3 waits for this; one that waits for something else
 * goes on waiting. */
NTSTATUS PsResumeThread(struct kthread *thread, uint32_t *previous)
{
    *previous = thread->SuspendCount;
    if (thread->SuspendCount && --thread->SuspendCount == 0 && thread->SuspendWait)
        KiUnwaitThread(thread, STATUS_SUCCESS);
    return STATUS_SUCCESS;
}

/* At DISPATCH_LEVEL: the running thread, until it is resumed or ended. */
void PsStaySuspended(struct kthread *thread)
{
    while (thread->SuspendCount && !(thread->ExitRequests & EXIT_TERMINATE)) {
        thread->State = THREAD_WAITING;
        thread->WaitAlertable = false;
        thread->SuspendWait = true;
        KiSwapThread();
        thread->SuspendWait = false;
    }
}
