/* SPDX-License-Identifier: MIT
 * The idle thread: nothing to do but to wait for an interrupt. */

#include "cpu.h"
#include "io.h"
#include "mm.h"
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

/* At DISPATCH_LEVEL always, so that it is left by its own decision only. */
_Noreturn void KiIdleLoop(void)
{
    struct kpcr *pcr = KeGetPcr();

    KiAfterSwap();
    for (;;) {
        KiRetireDpcList();
        if (pcr->ReadySummary) {
            pcr->IdleThread->State = THREAD_READY;
            KiSwapThread();
            continue;
        }
        KiDisableInterrupts();
        if (pcr->ClockDue == 0 && !pcr->DpcHead && !IoKeyboardIsAwaited() && !IoConsoleIsAwaited())
            report_deadlock();
        if (pcr->DpcHead)
            KiEnableInterrupts();
        else
            KiEnableAndHalt();
    }
}
