/* SPDX-License-Identifier: MIT
 * The kernel lock, and stopping a thread that runs on another processor. */

#include "cpu.h"
#include "processor.h"
#include "scheduler.h"

bool KiMultiprocessor;
volatile uint32_t KiKernelLock;
volatile uint64_t KiWaitingSummary;

/* Looks at the lock while others wait: who comes back at once would starve them. */
#define COURTESY 64

static bool try_lock(void)
{
    return __atomic_exchange_n(&KiKernelLock, 1, __ATOMIC_ACQUIRE) == 0;
}

/* Entry code has put R12-R15 of ring 3 into KTHREAD before it waits. */
static void stop_here(struct kpcr *pcr)
{
    struct kthread *thread = pcr->CurrentThread;

    pcr->StopRequested = false;
    if (thread != pcr->IdleThread)
        KiFxSave(thread->FxState);
    pcr->StoppedThread = thread;
}

/* Its context may have been set. */
static void go_on(struct kpcr *pcr)
{
    const struct kthread *thread = pcr->StoppedThread;

    pcr->StoppedThread = NULL;
    if (thread == pcr->IdleThread)
        return;
    KiFxRestore(thread->FxState);
    KiLoadDebugRegisters(thread);
}

static void answer(struct kpcr *pcr)
{
    if (pcr->RequestSummary)
        KiIpiProcessRequests();
    if (pcr->StopRequested)
        stop_here(pcr);
    KiPause();
}

void KiWaitForKernelLock(void)
{
    struct kpcr *pcr = KeGetPcr();
    uint64_t bit = KiProcessorMask(pcr);

    if (__atomic_fetch_or(&KiWaitingSummary, bit, __ATOMIC_SEQ_CST))
        for (unsigned i = 0; i < COURTESY && !KiKernelLock; i++)
            answer(pcr);
    do {
        while (KiKernelLock)
            answer(pcr);
    } while (!try_lock());
    __atomic_fetch_and(&KiWaitingSummary, ~bit, __ATOMIC_SEQ_CST);
    KiFlushMissed();
    if (pcr->StoppedThread)
        go_on(pcr);
}

void KiAcquireKernelLock(void)
{
    struct kpcr *pcr = KeGetPcr();

    if (!KiMultiprocessor || (pcr->ExitWork & EXIT_WORK_LOCKED))
        return;
    if (KiWaitingSummary || !try_lock())
        KiWaitForKernelLock();
    pcr->ExitWork |= EXIT_WORK_LOCKED;
}

void KiReleaseKernelLock(void)
{
    struct kpcr *pcr = KeGetPcr();

    if (!(pcr->ExitWork & EXIT_WORK_LOCKED))
        return;
    pcr->ExitWork &= (uint8_t)~EXIT_WORK_LOCKED;
    __atomic_store_n(&KiKernelLock, 0, __ATOMIC_RELEASE);
}

/* It is in ring 3, or on its way into the kernel or out: in any case it will soon want the lock. */
void KiStopThread(const struct kthread *thread)
{
    struct kpcr *pcr;

    if (thread->State != THREAD_RUNNING || thread == KeGetCurrentThread())
        return;
    pcr = KiProcessorBlock[thread->Processor];
    if (pcr->StoppedThread)
        return;
    pcr->StopRequested = true;
    KiIpiSend(KiProcessorMask(pcr), IPI_APC);
    while (!pcr->StoppedThread)
        KiPause();
}
