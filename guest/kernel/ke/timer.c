/* SPDX-License-Identifier: MIT
 * The timer queue, and the clock: set for what comes next, silent when nothing does. */

#include "apic.h"
#include "cpu.h"
#include "processor.h"
#include "scheduler.h"

uint64_t KiDueTime(int64_t timeout)
{
    return timeout < 0 ? KeQueryInterruptTime() - (uint64_t)timeout
                       : KeSystemToInterruptTime((uint64_t)timeout);
}

/* The clock serves two: the first timer, and the thread whose turn ends. */
void KiUpdateClock(void)
{
    struct kpcr *pcr = KeGetPcr();
    uint64_t due = pcr->Timers ? pcr->Timers->Due : 0;

    if (pcr->ClockReached) /* it has come already: the call that it has queued ends with this */
        return;
    if (pcr->QuantumEnd && (due == 0 || pcr->QuantumEnd < due))
        due = pcr->QuantumEnd;
    if (due != pcr->ClockDue)
        KiSetClock(due);
}

void KiInsertTimer(struct ktimer *timer, uint64_t due)
{
    struct kpcr *pcr = KeGetPcr();
    struct ktimer **link = &pcr->Timers;

    timer->Due = due ? due : 1;
    timer->Processor = pcr->Number;
    while (*link && (*link)->Due <= timer->Due)
        link = &(*link)->Next;
    timer->Next = *link;
    *link = timer;
    if (pcr->Timers == timer)
        KiUpdateClock();
}

/* False: it was not in the queue. */
bool KiCancelTimer(struct ktimer *timer)
{
    struct kpcr *pcr = KiProcessorBlock[timer->Processor];
    struct ktimer **link = &pcr->Timers;

    if (timer->Due == 0)
        return false;
    while (*link != timer)
        link = &(*link)->Next;
    *link = timer->Next;
    timer->Due = 0;
    if (pcr == KeGetPcr()) /* else its clock comes once for nothing */
        KiUpdateClock();
    return true;
}

/*
 * What the clock was set for is due when it comes, though the time stamp counter may not be there
 * yet: the two are different clocks.
 */
static void expire_timers(void *context)
{
    struct kpcr *pcr = KeGetPcr();
    uint64_t now = KeQueryInterruptTime();

    (void)context;
    if (pcr->ClockReached > now)
        now = pcr->ClockReached;
    pcr->ClockReached = 0;
    while (pcr->Timers && pcr->Timers->Due <= now) {
        struct ktimer *timer = pcr->Timers;

        pcr->Timers = timer->Next;
        timer->Due = 0;
        timer->Expired(timer);
    }
    if (pcr->QuantumEnd && pcr->QuantumEnd <= now)
        KiQuantumEnd();
    KiUpdateClock();
}

/* At CLOCK_LEVEL: a clock that was set anew has not come to its end. */
void KiClockTick(void)
{
    struct kpcr *pcr = KeGetPcr();

    pcr->Counters.ClockInterrupts++;
    KeUpdateSharedTime();
    if (pcr->ClockDue && KiTimerHasEnded()) {
        pcr->ClockReached = pcr->ClockDue;
        pcr->ClockDue = 0;
    }
    pcr->ClockDpc.Routine = expire_timers;
    KeInsertQueueDpc(&pcr->ClockDpc);
}
