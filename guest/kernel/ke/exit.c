/* SPDX-License-Identifier: MIT
 * The last thing before ring 3: what others have asked this thread to do, and pre-emption. */

#include "cpu.h"
#include "processor.h"
#include "ps.h"
#include "scheduler.h"

/* At DISPATCH_LEVEL. One thing at a time, since each may take long. */
static void do_one(struct kthread *thread)
{
    const struct kpcr *pcr = KeGetPcr();

    if (thread->ExitRequests & EXIT_SUSPEND) {
        thread->ExitRequests &= ~EXIT_SUSPEND;
        PsStaySuspended(thread);
    } else if (!(thread->Affinity & KiProcessorMask(pcr))) {
        KiMoveThread();
    } else if (pcr->NextThread) {
        KiPreempt();
    } else if (KiMultiprocessor) {
        KiUpdateQuantum();
    }
}

static void exchange_non_volatile(struct kexception_frame *to, const struct kexception_frame *from)
{
    to->R12 = from->R12;
    to->R13 = from->R13;
    to->R14 = from->R14;
    to->R15 = from->R15;
}

/*
 * IF = 0 on entry and on return. While the thread is here another one can read and set its
 * context: R12-R15 are in KTHREAD, also while it waits for the kernel lock, which it has if it
 * comes from a service. It may go on on another processor. True: all of `frame` counts.
 */
bool KiExitWork(struct ktrap_frame *frame, struct kexception_frame *exception_frame)
{
    struct kthread *thread = KeGetCurrentThread();
    struct kpcr *pcr;
    bool changed;

    if (!(thread->ExitRequests & EXIT_CONTEXT))
        exchange_non_volatile(&thread->NonVolatile, exception_frame);
    KiAcquireKernelLock();
    thread->InExitWork = true;
    do {
        uint8_t irql;

        KiEnableInterrupts();
        if (thread->ExitRequests & EXIT_TERMINATE)
            PspExitThread();
        irql = KiLockDispatcher();
        do_one(thread);
        KiUnlockDispatcher(irql);
        if ((thread->ExitRequests & EXIT_APC) && !(thread->ExitRequests & EXIT_TERMINATE))
            KiDeliverUserApc(frame, &thread->NonVolatile);
        KiDisableInterrupts();
        pcr = KeGetPcr();
    } while (pcr->NextThread || (thread->ExitRequests & ~EXIT_CONTEXT));
    changed = thread->ExitRequests & EXIT_CONTEXT;
    thread->ExitRequests = 0;
    thread->InExitWork = false;
    exchange_non_volatile(exception_frame, &thread->NonVolatile);
    pcr->ExitWork &= EXIT_WORK_LOCKED;
    KiReleaseKernelLock();
    return changed;
}

/* A service's frame has its status in RAX; its other volatile registers are the kernel's. */
bool KiServiceExitWork(struct ktrap_frame *frame, struct kexception_frame *exception_frame,
                       NTSTATUS status)
{
    if (!(KeGetCurrentThread()->ExitRequests & EXIT_CONTEXT)) {
        KiClearVolatile(frame);
        frame->Rax = (uint32_t)status;
    }
    return KiExitWork(frame, exception_frame);
}
