/* SPDX-License-Identifier: MIT
 * The idle thread: nothing to do but to wait for an interrupt. */

#include "cpu.h"
#include "io.h"
#include "mm.h"
#include "processor.h"
#include "ps.h"
#include "scheduler.h"

struct kthread KiIdleThread = {
    .InitialStack = KiIdleStack + IDLE_STACK_SIZE,
    .StackLimit = (uint64_t)KiIdleStack,
    .StackBase = (uint64_t)KiIdleStack + IDLE_STACK_SIZE,
    .ApcProcess = &PsInitialProcess,
    .Process = &PsInitialProcess,
    .State = THREAD_READY,
};

static const char *state_name(const struct kthread *thread)
{
    return thread->SuspendCount ? "is suspended" : "waits for ever";
}

/* With the kernel lock: what another processor is about to do is in its KPCR. A clock that is set
 * for nothing comes, and then this is asked again. */
static bool is_at_rest(const struct kpcr *pcr)
{
    bool idle = pcr == KeGetPcr() || (KiIdleSummary & KiProcessorMask(pcr));

    return idle && !pcr->NextThread && !pcr->ClockDue && !pcr->ClockReached && !pcr->Timers &&
           !pcr->DpcHead;
}

static bool nothing_will_happen(void)
{
    for (uint32_t n = 0; n < KeNumberProcessors; n++)
        if (!is_at_rest(KiProcessorBlock[n]))
            return false;
    return !IoKeyboardIsAwaited() && !IoConsoleIsAwaited();
}

/* No thread runs, no timer is set and no device is waited for: nothing will ever happen again. */
static _Noreturn void report_deadlock(void)
{
    KdPrint("\n*** deadlock: no thread can run, and none waits for a time\n");
    for (struct kprocess *process = NULL; (process = PsNextProcess(process)) != NULL;)
        for (struct kthread *thread = NULL; (thread = PsNextThread(process, thread)) != NULL;)
            KdPrint("thread %lu of process %lu %s in service 0x%x\n", thread->Cid.UniqueThread,
                    thread->Cid.UniqueProcess, state_name(thread), thread->SystemCallNumber);
    KeEndProgram(STATUS_POSSIBLE_DEADLOCK);
}

/* IF = 0. Others run threads here by NextThread and an interrupt, which ends the halt. */
static void halt(struct kpcr *pcr)
{
    KiIdleSummary |= KiProcessorMask(pcr);
    KiReleaseKernelLock();
    KiEnableAndHalt();
    KiAcquireKernelLock();
    KiIdleSummary &= ~KiProcessorMask(pcr);
    KiFlushMissed();
}

/* At DISPATCH_LEVEL always, so that it is left by its own decision only. */
_Noreturn void KiIdleLoop(void)
{
    struct kpcr *pcr = KeGetPcr();

    KiAfterSwap();
    for (;;) {
        KiRetireDpcList();
        if (KiHasReadyThread()) {
            pcr->IdleThread->State = THREAD_READY;
            KiSwapThread();
            continue;
        }
        KiDisableInterrupts();
        if (nothing_will_happen())
            report_deadlock();
        if (pcr->DpcHead)
            KiEnableInterrupts();
        else
            halt(pcr);
    }
}
