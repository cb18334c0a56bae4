/* SPDX-License-Identifier: MIT
 * Timers: NtCreateTimer, NtSetTimer, NtCancelTimer, NtQueryTimer. */

#include "mm.h"
#include "pool.h"
#include "scheduler.h"

#include <nt/api.h>

#define UNITS_PER_MILLISECOND 10000u

static void stop(struct ktimer_object *timer)
{
    KiCancelTimer(&timer->Timer);
    if (timer->ApcThread)
        ExDereference(&timer->ApcThread->Object);
    timer->ApcThread = NULL;
}

void ExDeleteTimer(struct object *object)
{
    uint8_t irql = KiLockDispatcher();

    stop((struct ktimer_object *)object);
    object->Type = OBJECT_FREE;
    KiUnlockDispatcher(irql);
}

/* At DISPATCH_LEVEL. The procedure has the timer's context and its time. */
static void expire(struct ktimer *queued)
{
    struct ktimer_object *timer = LIST_OWNER(queued, struct ktimer_object, Timer);
    uint64_t now = KeQuerySystemTime();
    const uint64_t arguments[3] = {timer->ApcContext, (uint32_t)now, now >> 32};

    if (timer->Period)
        KiInsertTimer(queued, KeQueryInterruptTime() + timer->Period);
    timer->Object.SignalState = 1;
    KiSignalObject(&timer->Object);
    if (timer->ApcThread && timer->ApcThread->State != THREAD_TERMINATED)
        KeInsertQueueApc(timer->ApcThread, timer->ApcRoutine, arguments);
}

NTSTATUS NTAPI NtCreateTimer(HANDLE *TimerHandle, uint32_t DesiredAccess,
                             const struct object_attributes *ObjectAttributes, uint32_t TimerType)
{
    struct object *timer;
    NTSTATUS status = ExBeginCreate(TimerHandle, ObjectAttributes);

    if (NT_SUCCESS(status) && TimerType != NotificationTimer && TimerType != SynchronizationTimer)
        status = STATUS_INVALID_PARAMETER;
    if (!NT_SUCCESS(status))
        return status;
    timer = ExAllocateObject(OBJECT_TIMER, 0);
    if (timer) {
        timer->Synchronization = TimerType == SynchronizationTimer;
        ((struct ktimer_object *)timer)->Timer.Expired = expire;
    }
    return ExEndCreate(timer, DesiredAccess, TimerHandle);
}

static void start(struct ktimer_object *timer, int64_t due, uint64_t routine, uint64_t context)
{
    uint64_t time = KiDueTime(due), now = KeQueryInterruptTime();

    timer->Object.SignalState = 0;
    timer->ApcRoutine = routine;
    timer->ApcContext = context;
    if (routine) {
        timer->ApcThread = KeGetCurrentThread();
        timer->ApcThread->Object.References++;
    }
    if (time > now)
        KiInsertTimer(&timer->Timer, time);
    else
        expire(&timer->Timer);
}

NTSTATUS NTAPI NtSetTimer(HANDLE TimerHandle, const int64_t *DueTime, void *TimerApcRoutine,
                          void *TimerContext, uint8_t ResumeTimer, int32_t Period,
                          uint8_t *PreviousState)
{
    struct object *object;
    int64_t due;
    uint8_t irql, previous;
    NTSTATUS status = MmReadUser(&due, DueTime, sizeof(due));

    (void)ResumeTimer; /* nothing sleeps here */
    if (NT_SUCCESS(status) && PreviousState)
        status = MmProbeForWrite(PreviousState, sizeof(*PreviousState));
    if (NT_SUCCESS(status) && Period < 0)
        status = STATUS_INVALID_PARAMETER_6;
    if (NT_SUCCESS(status))
        status = ExReferenceHandle(TimerHandle, OBJECT_TIMER, TIMER_MODIFY_STATE, &object);
    if (!NT_SUCCESS(status))
        return status;
    previous = object->SignalState > 0;
    irql = KiLockDispatcher();
    stop((struct ktimer_object *)object);
    ((struct ktimer_object *)object)->Period = (uint64_t)Period * UNITS_PER_MILLISECOND;
    start((struct ktimer_object *)object, due, (uint64_t)TimerApcRoutine, (uint64_t)TimerContext);
    KiUnlockDispatcher(irql);
    return PreviousState ? MmWriteUser(PreviousState, &previous, sizeof(previous)) : STATUS_SUCCESS;
}

NTSTATUS NTAPI NtCancelTimer(HANDLE TimerHandle, uint8_t *CurrentState)
{
    struct object *object;
    uint8_t irql, state;
    NTSTATUS status = ExReferenceHandle(TimerHandle, OBJECT_TIMER, TIMER_MODIFY_STATE, &object);

    if (NT_SUCCESS(status) && CurrentState)
        status = MmProbeForWrite(CurrentState, sizeof(*CurrentState));
    if (!NT_SUCCESS(status))
        return status;
    irql = KiLockDispatcher();
    stop((struct ktimer_object *)object);
    state = object->SignalState > 0;
    KiUnlockDispatcher(irql);
    return CurrentState ? MmWriteUser(CurrentState, &state, sizeof(state)) : STATUS_SUCCESS;
}

/* Negative: it expired that long ago, or was never set. */
NTSTATUS NTAPI NtQueryTimer(HANDLE TimerHandle, uint32_t InformationClass, void *Information,
                            uint32_t Length, uint32_t *ReturnLength)
{
    struct timer_basic_information info = {0};
    const struct ktimer_object *timer;
    struct object *object;
    NTSTATUS status;

    if (InformationClass != TimerBasicInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (Length != sizeof(info))
        return STATUS_INFO_LENGTH_MISMATCH;
    status = ExReferenceHandle(TimerHandle, OBJECT_TIMER, TIMER_QUERY_STATE, &object);
    if (!NT_SUCCESS(status))
        return status;
    timer = (const struct ktimer_object *)object;
    info.TimerState = object->SignalState > 0;
    info.RemainingTime = (int64_t)(timer->Timer.Due - KeQueryInterruptTime());
    return MmWriteInformation(Information, &info, sizeof(info), ReturnLength);
}
